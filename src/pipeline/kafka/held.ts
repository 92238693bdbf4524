import type { OutgoingMessage } from "../log/EventLog.ts";

/**
 * The topics that accept no messages now. The number is how many of the topic's messages in the call were acknowledged: those at
 * its beginning.
 */
export type Held = ReadonlyMap<string, number>;

/** The messages that were not acknowledged, in their order. */
export function unsentOf(messages: readonly OutgoingMessage[], held: Held): OutgoingMessage[] {
  const left = new Map(held);
  return messages.filter(({ topic }) => {
    const acknowledged = left.get(topic);
    if (acknowledged === undefined) return false;
    left.set(topic, acknowledged - 1);
    return acknowledged <= 0;
  });
}

/** Divides what holds for the messages of all callers, which were sent together. */
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
