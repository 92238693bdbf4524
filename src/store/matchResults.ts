/** Owns what the results sink writes to the operational store: one match, once, in the sink's own transaction. */
import type { RatingAlgorithm } from "../rating/Rating.ts";
import type { MatchResults } from "../sinks/results/EndedMatch.ts";
import { recordMatch } from "./recordMatch.ts";

export function matchResults(algorithm: RatingAlgorithm): MatchResults {
  return {
    async apply(tx, match) {
      const recorded = await recordMatch(tx, algorithm, match);
      if (recorded === null || recorded.changes.length === 0) return null;
      const { game, matchId, mode, endedAt } = match;
      return { game, matchId, mode, endedAt, ratings: recorded.changes };
    },
  };
}
