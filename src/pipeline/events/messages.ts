/**
 * Owns the shape of what the topics carry: one message per match, tick and topic that has anything to say.
 * Shapes only; `expand.ts` makes them from a record, `../sinks/decodeMessage.ts` checks them when they are read.
 */
import type { OutgoingMessage } from "../log/Log.ts";

export interface MatchEvent {
  /** Index in the tick across all topics; with match and tick the identity of the event. */
  readonly i: number;
  readonly kind?: string;
  readonly [field: string]: unknown;
}

/** The value of a message of the match topics. Unknown fields are kept. */
export interface TickValue {
  readonly v: number;
  readonly game: string;
  readonly matchId: string;
  readonly roomId: string;
  readonly mode: string;
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
  readonly events: readonly MatchEvent[];
}

export interface TickMessage {
  /** `logs_…`, without a namespace. */
  readonly topic: string;
  /** The match id. */
  readonly key: string;
  /** `id`: `matchId:tick:topic`. `seq`: `outboxId:recordNumber`. */
  readonly headers: { readonly id: string; readonly seq: string };
  readonly value: TickValue;
}

/** The message as the log port takes it. */
export function toOutgoing(message: TickMessage): OutgoingMessage {
  return { topic: message.topic, key: message.key, headers: message.headers, value: JSON.stringify(message.value) };
}
