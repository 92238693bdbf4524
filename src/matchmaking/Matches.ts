/** The port through which pairing opens and closes matches, so that `pairing/` and the tests need no Colyseus. */
import type { Entry, FoundMatch } from "./waitingPool/Pool.ts";

export interface MatchPlan {
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
  /** Entries by team. */
  readonly teams: readonly (readonly Entry[])[];
}

export interface Matches {
  /** Creates a locked match and reserves every seat. If that fails, it rejects and leaves no room behind. */
  open(plan: MatchPlan): Promise<FoundMatch>;
  /** Closes the room of a match that will not be played, with `MATCH_UNCONFIRMED`. Never rejects; a room that is gone is no error. */
  close(match: FoundMatch): Promise<void>;
}
