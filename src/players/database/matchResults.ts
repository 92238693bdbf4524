/** The results sink's writer for the operational tables. It records each match exactly once, in the sink's own transaction. */

import type { MatchResults } from "../../pipeline/sinks/results/EndedMatch.ts";
import { lockPlayers } from "./lockPlayers.ts";
import { addRatingEvents } from "./ratingEvents.ts";
import { recordMatches } from "./recordMatches.ts";

export const matchResults: MatchResults = {
  async lock(tx, players) {
    await lockPlayers(tx, { players: [...players] });
  },
  apply: recordMatches,
  announce: addRatingEvents,
};
