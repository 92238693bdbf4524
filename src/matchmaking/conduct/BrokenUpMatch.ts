import type { QueuedEntry } from "../../../schema/joinOptions.ts";

/** A match of the queue that ended before its start, because players are missing. */
export interface BrokenUpMatch {
  readonly matchId: string;
  readonly roomId: string;
  readonly game: string;
  readonly mode: string;
  readonly region: string;
  /** Ids of the players who left or did not come. */
  readonly dodgers: readonly string[];
  /** The entries of all its players. */
  readonly queued: readonly QueuedEntry[];
}
