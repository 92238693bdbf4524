/** How a finished match changes ratings, by the algorithm that was recorded at its start. Pure. */
import type { MatchEvents } from "../../../schema/matchEvents.ts";
import type { EndedMatch } from "../../pipeline/sinks/results/EndedMatch.ts";
import { UnstorableMessage } from "../../pipeline/sinks/storeInParts.ts";
import { algorithmNamed } from "../rating/algorithms.ts";
import type { RatedPlayer, RatingAlgorithm, RatingChange } from "../rating/Rating.ts";

/** A match that has a result, because it was started. */
export type StartedMatch = EndedMatch & { readonly started: NonNullable<EndedMatch["started"]> };

export interface CountedChange extends RatingChange {
  /** 1 for a win, −1 for a loss, 0 if all share the first place. */
  readonly outcome: number;
}

export interface MatchRating {
  /** All players with their ratings at the start; empty if the match is not rated. */
  readonly players: readonly RatedPlayer[];
  /** The changes that count. */
  readonly changes: readonly CountedChange[];
  /** The name of the algorithm. */
  readonly algorithm: string;
}

/** Throws `UnstorableMessage` for an unknown algorithm. */
export function rateMatch(match: StartedMatch): MatchRating {
  const algorithm = algorithmNamed(match.started.algorithm);
  if (algorithm === null)
    throw new UnstorableMessage("the match names a rating algorithm that this version of the server does not know");
  const players = ratedPlayers(algorithm, match);
  return { players, changes: changesOf(algorithm, match, players), algorithm: algorithm.name };
}

/** Returns all players or none: if one player's rating was unknown at the start, the match is unrated. */
function ratedPlayers(algorithm: RatingAlgorithm, { started, ended }: StartedMatch): RatedPlayer[] {
  if (!started.rated || ended.reason === "aborted") return [];
  const standings = new Map(ended.standings.map((standing) => [standing.seat, standing]));
  const rated = started.roster.flatMap(({ seat, player, team, rating, games, deviation, bot }) => {
    const standing = standings.get(seat);
    if (bot || rating === null || games === null || standing?.player !== player) return [];
    const known = { rating, games, deviation: deviation ?? algorithm.deviation({ games, logPrecision: 0 }) };
    return { player, team, ...known, place: standing.place, left: standing.left };
  });
  return rated.length === started.roster.length && rated.length > 1 ? rated : [];
}

/** Returns the changes that count. If the match was too short, only the changes of players who left count. */
function changesOf(
  algorithm: RatingAlgorithm,
  { started, ended }: StartedMatch,
  rated: readonly RatedPlayer[],
): CountedChange[] {
  if (rated.length === 0) return [];
  const outcomes = outcomesOf(ended.standings);
  const changes = algorithm.changes(rated, started.weight).map((change) => {
    return { ...change, outcome: outcomes.get(change.player)! };
  });
  const isTooShort = ended.lastTick < (started.ratedFromTick ?? 0);
  return isTooShort ? changes.filter((_, index) => rated[index].left) : changes;
}

type Standing = MatchEvents["ended"]["standings"][number];

/** The outcome of each player. Players who stayed rank before those who left. */
function outcomesOf(standings: readonly Standing[]): Map<string, number> {
  const best = Math.min(...standings.filter(({ left }) => !left).map(({ place }) => place));
  const isBest = ({ place, left }: Standing) => !left && place <= best;
  const ofBest = standings.every(isBest) ? 0 : 1;
  return new Map(standings.map((standing) => [standing.player, isBest(standing) ? ofBest : -1]));
}
