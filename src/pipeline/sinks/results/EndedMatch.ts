/** What the results sink passes on about an ended match, and the interface that stores its effects. */
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";

export interface EndedMatch {
  readonly matchId: string;
  readonly game: string;
  readonly mode: string;
  readonly created: MatchEvents["created"];
  /** Null if the match ended before it started, so there is nothing to rate. */
  readonly started: MatchEvents["started"] | null;
  /** `reason` is `aborted` if the process of the match died. */
  readonly ended: MatchEvents["ended"];
  /** Unix ms. */
  readonly createdAt: number;
  readonly endedAt: number;
}

/** The ratings that a match changed, as they are after it and the earlier matches of its transaction. */
export interface RatingsChanged {
  readonly game: string;
  readonly matchId: string;
  readonly mode: string;
  /** Unix ms. */
  readonly endedAt: number;
  /** The name of the rating algorithm. */
  readonly algorithm: string;
  /** Integers: the new rating, and the change by the match. */
  readonly ratings: readonly { readonly player: string; readonly rating: number; readonly change: number }[];
}

export interface MatchResults {
  /**
   * Called once per transaction, before `apply`, with all people in its matches. Locks them until its end, in an order that is
   * the same in every process, so that transactions with the same players wait for each other and never deadlock.
   */
  lock(tx: SqlRunner, players: readonly string[]): Promise<void>;
  /**
   * Stores all effects of the matches through `tx`, the transaction that also moves the sink's offset. Called at most once per
   * transaction, and exactly once for each match, unless that transaction is rolled back. Must await nothing but `tx`. The stored ratings
   * must not depend on the order of matches. Resolves to the changed ratings, without matches that changed none. If it rejects because of
   * the data of a match (`UnstorableMessage`, or PostgreSQL's error classes 22, 23, 54), the sink calls it again in other transactions with
   * fewer matches, and that match goes to `logs_rejected`. After any other error, the sink retries and does not continue until it succeeds.
   */
  apply(tx: SqlRunner, matches: readonly EndedMatch[]): Promise<RatingsChanged[]>;
  /**
   * Called at the end of each transaction that has changed ratings, with all of its changes, to store events about them. Absent when a
   * store is rebuilt: the log has these events already.
   */
  announce?(tx: SqlRunner, changed: readonly RatingsChanged[]): Promise<void>;
  /**
   * Called at the end of each transaction with the matches that `apply` has stored, to remember what is to be done for them. Absent when a
   * store is rebuilt: it was done already.
   */
  onApplied?(tx: SqlRunner, matches: readonly EndedMatch[]): Promise<void>;
}
