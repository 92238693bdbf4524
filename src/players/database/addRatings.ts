/**
 * Adds the rating changes of matches to the players' ratings.
 *
 * Any order of matches gives the same ratings. A change is computed from what `started` recorded, and added. The base of a
 * season depends on the season before it, and is computed again when a late match changes that season.
 */
import { and, asc, desc, eq, gt, lt, type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import type { RatingsChanged } from "../../pipeline/sinks/results/EndedMatch.ts";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { Orm } from "../../platform/sql/openOrm.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { Ladder } from "../rating/Ladder.ts";
import { INITIAL_RATING } from "../rating/Rating.ts";
import { inColumn } from "./inColumn.ts";
import { NEXT_REVISION } from "./nextRevision.ts";
import type { MatchRating, StartedMatch } from "./rateMatch.ts";
import { ratings, seasons } from "./schema.ts";
import { type PlayerTotal, totalKey, totalsOf } from "./totalsOf.ts";

const placeholder = sql.placeholder;

export interface SeasonMatch extends MatchRating {
  readonly match: StartedMatch;
  readonly seasonId: number;
}

/** The values of a new player. */
const INITIAL = { rating: INITIAL_RATING, logPrecision: 0 } as const;
const earlier = alias(ratings, "earlier");
/** The player and the ladder of a row of `p`, the set of players that each query below declares. */
const PLAYER = sql<string>`p.player`;
const GAME = sql<string>`p.game`;
const MODE = sql<string>`p.mode`;

/** A value of the last season played, pulled towards that of a new player. */
function pulled(value: AnyPgColumn, initial: number): SQL<number> {
  return sql`floor(${initial}::int + (1 - ${seasons.softReset}) * (${value} - ${initial}::int) + 0.5)::int`;
}

/** The start values of the players of `p` in a season. */
function startValues(orm: Orm) {
  const seasonId = placeholder("seasonId");
  const last = orm
    .select({
      base: pulled(earlier.rating, INITIAL.rating).as("base"),
      logPrecisionBase: pulled(earlier.logPrecision, INITIAL.logPrecision).as("log_precision_base"),
    })
    .from(earlier)
    .innerJoin(seasons, eq(seasons.id, seasonId))
    .where(
      and(eq(earlier.game, GAME), eq(earlier.mode, MODE), eq(earlier.playerId, PLAYER), lt(earlier.seasonId, seasonId)),
    )
    .orderBy(desc(earlier.seasonId))
    .limit(1)
    .as("last");
  const columns = {
    player: PLAYER.as("player"),
    // Other names than those of the columns of `ratings`, beside which they are used.
    game: GAME.as("played_game"),
    mode: MODE.as("played_mode"),
    newBase: sql<number>`coalesce(${last.base}, ${INITIAL.rating}::int)`.as("new_base"),
    newLogPrecisionBase: sql<number>`coalesce(${last.logPrecisionBase}, ${INITIAL.logPrecision}::int)`.as(
      "new_log_precision_base",
    ),
  };
  return { last, columns };
}

const addRatingRows = buildOnce((orm) => {
  const { last, columns } = startValues(orm);
  const changed = orm
    .select({
      ...columns,
      change: sql<number>`p.change`.as("change"),
      precision: sql<number>`p."precision"`.as("precision"),
      games: sql<number>`p.games`.as("games"),
      wins: sql<number>`p.wins`.as("wins"),
      losses: sql<number>`p.losses`.as("losses"),
    })
    .from(
      sql`jsonb_to_recordset(${placeholder("rows")}::jsonb) as p(game text, mode text, player text, change int, "precision" int,
        games int, wins int, losses int)`,
    )
    .leftJoinLateral(last, sql`true`)
    .as("changed");
  return orm
    .insert(ratings)
    .select(
      orm
        .select({
          seasonId: inColumn(ratings.seasonId, "seasonId"),
          game: changed.game,
          mode: changed.mode,
          playerId: changed.player,
          base: changed.newBase,
          gained: changed.change,
          rating: sql`${changed.newBase} + ${changed.change}`.as("rating"),
          logPrecisionBase: changed.newLogPrecisionBase,
          logPrecision: sql`${changed.newLogPrecisionBase} + ${changed.precision}`.as("log_precision"),
          games: changed.games,
          wins: changed.wins,
          losses: changed.losses,
          revision: sql`1`.as("revision"),
          changedIn: sql`pg_current_xact_id()`.as("changed_in"),
        })
        .from(changed),
    )
    .onConflictDoUpdate({
      target: [ratings.seasonId, ratings.game, ratings.mode, ratings.playerId],
      set: {
        gained: sql`${ratings.gained} + excluded.gained`,
        rating: sql`${ratings.rating} + excluded.gained`,
        games: sql`${ratings.games} + excluded.games`,
        logPrecision: sql`${ratings.logPrecision} + excluded.log_precision - excluded.log_precision_base`,
        wins: sql`${ratings.wins} + excluded.wins`,
        losses: sql`${ratings.losses} + excluded.losses`,
        ...NEXT_REVISION,
      },
    })
    .returning({ game: ratings.game, mode: ratings.mode, player: ratings.playerId, rating: ratings.rating });
});

const updateBases = buildOnce((orm) => {
  const { last, columns } = startValues(orm);
  const based = orm
    .select(columns)
    .from(sql`jsonb_to_recordset(${placeholder("rows")}::jsonb) as p(game text, mode text, player text)`)
    .leftJoinLateral(last, sql`true`)
    .as("based");
  return orm
    .update(ratings)
    .set({
      base: sql`${based.newBase}`,
      rating: sql`${based.newBase} + ${ratings.gained}`,
      logPrecisionBase: sql`${based.newLogPrecisionBase}`,
      logPrecision: sql`${based.newLogPrecisionBase} + ${ratings.logPrecision} - ${ratings.logPrecisionBase}`,
      ...NEXT_REVISION,
    })
    .from(based)
    .where(
      and(
        eq(ratings.seasonId, placeholder("seasonId")),
        eq(ratings.game, sql`${based.game}`),
        eq(ratings.mode, sql`${based.mode}`),
        eq(ratings.playerId, sql`${based.player}`),
      ),
    );
});

const readLaterSeasons = buildOnce((orm) =>
  orm
    .select({ id: seasons.id })
    .from(seasons)
    .where(gt(seasons.id, placeholder("seasonId")))
    .orderBy(asc(seasons.id)),
);

/**
 * Adds the changes of the matches. Resolves to the new ratings, for each match as they are after it and the matches before it. `tx`
 * must have locked the players (`lockPlayers`).
 */
export async function addRatings(tx: SqlRunner, matches: readonly SeasonMatch[]): Promise<RatingsChanged[]> {
  if (matches.length === 0) return [];
  const bySeason = Map.groupBy(matches, ({ seasonId }) => seasonId);
  const first = Math.min(...bySeason.keys());
  const later = await readLaterSeasons(tx, { seasonId: first });
  const changed = new Map<string, PlayerTotal>();
  const latest = new LatestRatings();
  for (const seasonId of [first, ...later.map(({ id }) => id)]) {
    // A season starts from the values of the seasons before it, which may have just changed.
    if (changed.size > 0) await updateBases(tx, { seasonId, rows: JSON.stringify([...changed.values()]) });
    const totals = totalsOf(bySeason.get(seasonId) ?? []);
    if (totals.size === 0) continue;
    const added = await addRatingRows(tx, { seasonId, rows: JSON.stringify([...totals.values()]) });
    for (const { player, rating, ...ladder } of added)
      latest.set(seasonId, ladder, player, rating - totals.get(totalKey(ladder, player))!.change);
    for (const [key, total] of totals) changed.set(key, total);
  }
  return matches.map((one) => latest.changedBy(one));
}

/** The ratings after the matches so far, by season, ladder and player. */
class LatestRatings {
  readonly #ratings = new Map<string, number>();

  set(seasonId: number, ladder: Ladder, player: string, rating: number): void {
    this.#ratings.set(`${seasonId} ${totalKey(ladder, player)}`, rating);
  }

  /** Adds the changes of the next match. */
  changedBy({ match, seasonId, changes, algorithm }: SeasonMatch): RatingsChanged {
    const { game, matchId, mode, endedAt } = match;
    const ratings = changes.map(({ player, change }) => {
      const key = `${seasonId} ${totalKey(match, player)}`;
      const rating = this.#ratings.get(key)! + change;
      this.#ratings.set(key, rating);
      return { player, rating, change };
    });
    return { game, matchId, mode, endedAt, algorithm, ratings };
  }
}
