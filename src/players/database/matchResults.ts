/** The results sink's writer for the operational tables. It records each match exactly once, in the sink's own transaction. */

import type { MatchResults } from "../../pipeline/sinks/results/EndedMatch.ts";
import { UnstorableMessage } from "../../pipeline/sinks/storeInParts.ts";
import { algorithmNamed } from "../rating/algorithms.ts";
import { lockPlayers } from "./lockPlayers.ts";
import { addRatingEvents } from "./ratingEvents.ts";
import { recordMatch } from "./recordMatch.ts";

/** Each match is rated by the algorithm recorded at its start. */
export const matchResults: MatchResults = {
  async lock(tx, players) {
    await lockPlayers(tx, { players: [...players] });
  },
  async apply(tx, match) {
    const algorithm = algorithmNamed(match.started?.algorithm);
    if (algorithm === null)
      throw new UnstorableMessage("the match names a rating algorithm that this version of the server does not know");
    const recorded = await recordMatch(tx, algorithm, match);
    if (recorded === null || recorded.changes.length === 0) return null;
    const { game, matchId, mode, endedAt } = match;
    return { game, matchId, mode, endedAt, algorithm: algorithm.name, ratings: recorded.changes };
  },
  announce: addRatingEvents,
};
