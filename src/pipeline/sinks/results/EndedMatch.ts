/** Owns what the results sink hands on of a match that has ended, and the interface it hands it to. */
import type { MatchEvents } from "../../../../schema/matchEvents.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";

export interface EndedMatch {
  readonly matchId: string;
  readonly game: string;
  readonly mode: string;
  readonly created: MatchEvents["created"];
  /** Null where the match ended before it started: nothing to rate. */
  readonly started: MatchEvents["started"] | null;
  /** `reason` is `aborted` where the match's process died. */
  readonly ended: MatchEvents["ended"];
  /** Unix ms. */
  readonly createdAt: number;
  readonly endedAt: number;
}

/** What a match did to ratings, as the store has them once the transaction is committed. */
export interface RatingsChanged {
  readonly game: string;
  readonly matchId: string;
  readonly mode: string;
  /** Unix ms. */
  readonly endedAt: number;
  /** Whole numbers: the rating as it is now, and what the match added to it. */
  readonly ratings: readonly { readonly player: string; readonly rating: number; readonly change: number }[];
}

export interface MatchResults {
  /**
   * Stores all effects of the match through `tx`, in the transaction that also moves the sink's offset: called once for each match,
   * unless that transaction is rolled back. May await nothing but `tx`, and must not depend on the order of matches. Where it
   * rejects for what the match holds (PostgreSQL's classes 22, 23, 54) the match goes to `logs_rejected`; for any other
   * reason the sink stands still and tries again. Null where no rating changed.
   */
  apply(tx: SqlRunner, match: EndedMatch): Promise<RatingsChanged | null>;
}
