import type { OutgoingMessage } from "../log/EventLog.ts";

/**
 * The topics that accept no messages at the moment. The number says how many of the topic's messages in the call were acknowledged:
 * always the first ones.
 */
export type Held = ReadonlyMap<string, number>;

/** Returns the messages that were not acknowledged, in their order. */
export function unsentOf(messages: readonly OutgoingMessage[], held: Held): OutgoingMessage[] {
  const left = new Map(held);
  return messages.filter(({ topic }) => {
    const acknowledged = left.get(topic);
    if (acknowledged === undefined) return false;
    left.set(topic, acknowledged - 1);
    return acknowledged <= 0;
  });
}

/** Divides the result of a batch, in which the messages of all callers were sent together, into the results of the callers. */
export function heldOfEach(callers: readonly (readonly OutgoingMessage[])[], held: Held): Held[] {
  if (held.size === 0) return callers.map(() => held);
  const left = new Map(held);
  return callers.map((messages) => {
    const own = new Map<string, number>();
    for (const [topic, acknowledged] of left) {
      const count = messages.filter((message) => message.topic === topic).length;
      if (count > acknowledged) own.set(topic, acknowledged);
      left.set(topic, Math.max(0, acknowledged - count));
    }
    return own;
  });
}
