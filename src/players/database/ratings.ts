/** Reads a player's ratings. The rating in a season continues from earlier seasons. */
import { asc, eq, sql as fragment } from "drizzle-orm";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { Ladder } from "../rating/Ladder.ts";
import { INITIAL_RATING } from "../rating/Rating.ts";
import { ratings } from "./schema.ts";
import type { Season } from "./seasons.ts";

export interface RatingRow extends Ladder {
  readonly seasonId: number;
  readonly rating: number;
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
  /** See `Experience`. */
  readonly logPrecision: number;
}

const readOfPlayer = buildOnce((orm) => {
  const { seasonId, game, mode, rating, games, wins, losses, logPrecision } = ratings;
  return orm
    .select({ seasonId, game, mode, rating, games, wins, losses, logPrecision })
    .from(ratings)
    .where(eq(ratings.playerId, fragment.placeholder("playerId")))
    .orderBy(asc(seasonId), asc(game), asc(mode));
});

export async function readRatings(sql: SqlRunner, playerId: string): Promise<RatingRow[]> {
  return readOfPlayer(sql, { playerId });
}

interface CurrentRating extends Ladder {
  /** Whole number, as a match that starts now would record it. */
  readonly rating: number;
  /** Rated games of all seasons in this ladder, because the certainty of a rating does not end with a season. */
  readonly games: number;
  readonly wins: number;
  readonly losses: number;
  /** See `Experience`. */
  readonly logPrecision: number;
}

/**
 * Returns a player's rating in a ladder and season, computed from all rows of the player. For a player who has not played in the
 * season, it is the rating with which the season would begin.
 */
export function currentRating(
  rows: readonly RatingRow[],
  { game, mode }: Ladder,
  season: Season | null,
): CurrentRating {
  const played = rows.filter(
    (row) => row.game === game && row.mode === mode && (season === null || row.seasonId <= season.id),
  );
  const sum = (of: (row: RatingRow) => number) => played.reduce((total, row) => total + of(row), 0);
  const last = played.at(-1);
  const now = (of: (row: RatingRow) => number, initial: number): number => {
    if (last === undefined) return initial;
    return last.seasonId === season?.id ? of(last) : baseAfter(of(last), season, initial);
  };
  return {
    game,
    mode,
    rating: now((row) => row.rating, INITIAL_RATING),
    logPrecision: now((row) => row.logPrecision, 0),
    games: sum((row) => row.games),
    wins: sum((row) => row.wins),
    losses: sum((row) => row.losses),
  };
}

/** Must give the same number that `recordMatch` writes at the first match of the season. */
function baseAfter(value: number, season: Season | null, initial: number): number {
  return Math.floor(initial + (1 - (season?.softReset ?? 0)) * (value - initial) + 0.5);
}
