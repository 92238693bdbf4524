/**
 * The shape of a match message: all events of one topic, match and tick. `MessageWriter.ts` writes messages from records,
 * `../sinks/decodeMessage.ts` checks them when they are read.
 */
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

/** The outbox and number of a record, for the header `seq`. */
export interface RecordOrigin {
  readonly outboxId: string;
  readonly number: number;
}
