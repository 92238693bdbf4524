/** The port for opening and closing matches. Because of it, pairing and its tests do not need Colyseus. */
import type { Entry, FoundMatch } from "./waitingPool/Pool.ts";

export interface MatchPlan {
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
  /** Entries by team. */
  readonly teams: readonly (readonly Entry[])[];
}

export interface MatchHost {
  /**
   * Creates a match that nobody else can join, and reserves every seat. Rejects if that fails, and then leaves no room behind.
   */
  open(plan: MatchPlan): Promise<FoundMatch>;
  /**
   * Closes the room of a match that will not be played, with `MATCH_UNCONFIRMED`. Never rejects, even if the room no longer
   * exists.
   */
  close(match: FoundMatch): Promise<void>;
}
