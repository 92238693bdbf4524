/**
 * The shape of a match message: all events of one topic, match and tick. `expand.ts` builds messages from records,
 * `../sinks/decodeMessage.ts` checks them when they are read.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";

export interface MatchEvent {
  /** Index within the tick, across all topics. Match, tick and index identify the event. */
  readonly i: number;
  readonly kind?: string;
  readonly [field: string]: unknown;
}

/** The value of a match message. Readers keep unknown fields. */
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

/** Converts the message for the log port. */
export function toOutgoing(message: TickMessage): OutgoingMessage {
  return { topic: message.topic, key: message.key, headers: message.headers, value: JSON.stringify(message.value) };
}
