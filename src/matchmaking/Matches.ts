/** What pairing asks of the rooms: a match with all its seats, or none; and its end. Interfaces only. */
import type { Entry, FoundMatch } from "./pool/Pool.ts";

export interface MatchPlan {
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
  /** Entries by team. */
  readonly teams: readonly (readonly Entry[])[];
}

export interface Matches {
  /** Makes a locked match and reserves every seat. Throws where that fails; then nothing of it is left. */
  open(plan: MatchPlan): Promise<FoundMatch>;
  /** Closes the room of a match that will not be played, with `MATCH_UNCONFIRMED`. Never throws; does nothing to one that is gone. */
  close(match: FoundMatch): Promise<void>;
}
