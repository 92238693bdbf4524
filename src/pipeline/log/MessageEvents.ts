/**
 * How a message offers its events. Kafka delivers them as JSON. Recorded ticks and the rows of the lake were numbers and texts before
 * they were JSON: such a message offers its events as rows, and makes the JSON only when it is asked for.
 */

/** What all messages of a match have in common in one topic. */
export interface MatchHead {
  readonly v: number;
  readonly game: string;
  readonly matchId: string;
  readonly roomId: string;
  readonly mode: string;
}

/**
 * All events of a message about one tick of a match. The events are of one kind, and the message has no other fields than these. The rows
 * were not checked: the JSON of the message has the same values, right or wrong.
 */
export interface EventRows {
  /** The same object for all messages of the match from one source, so that it is checked only once. */
  readonly match: MatchHead;
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
  /** Empty for topics whose events have no kind. */
  readonly kind: string;
  /** The names of the events' fields, without `i` and `kind`. The same list for all rows with these fields. */
  readonly fields: readonly string[];
  /** Number of events. */
  readonly length: number;
  /** The event's index in its tick. */
  indexAt(row: number): number;
  /** The value of `fields[field]` as in the event's JSON; undefined if the event does not have the field. */
  valueAt(row: number, field: number): unknown;
}

export interface MessageEvents {
  /**
   * JSON, except in `logs_rejected`; null for a message without a value. With `rows`, it can be a getter of the message's class, which
   * `{ ...message }` and `JSON.stringify` do not copy.
   */
  readonly value: Buffer | null;
  /** Omitted if the events are only in `value`. */
  readonly rows?: EventRows;
}
