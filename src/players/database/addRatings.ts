/**
 * Adds the rating changes of a match to the players' ratings.
 *
 * Any order of matches gives the same ratings. A change is computed from what `started` recorded, and added. The base of a
 * season depends on the season before it, and is computed again when a late match changes that season.
 */
import { and, asc, desc, eq, gt, lt, type SQL, sql } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { MatchEvents } from "../../../schema/matchEvents.ts";
import type { EndedMatch } from "../../pipeline/sinks/results/EndedMatch.ts";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { Orm } from "../../platform/sql/openOrm.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { INITIAL_RATING, type RatingChange } from "../rating/Rating.ts";
import { inColumn } from "./inColumn.ts";
import { NEXT_REVISION } from "./nextRevision.ts";
import { ratings, seasons } from "./schema.ts";

const placeholder = sql.placeholder;

type Standing = MatchEvents["ended"]["standings"][number];

/** 1 for a win, −1 for a loss, 0 if all share the first place. Players who stayed rank before those who left. */
function outcomeOf(standing: Standing, standings: readonly Standing[]): number {
  if (standing.left) return -1;
  const stayed = standings.filter(({ left }) => !left);
  if (standing.place > Math.min(...stayed.map(({ place }) => place))) return -1;
  return standings.every(({ place, left }) => !left && place === standing.place) ? 0 : 1;
}

/** The values of a new player. */
const INITIAL = { rating: INITIAL_RATING, logPrecision: 0 } as const;
const earlier = alias(ratings, "earlier");
/** The player of a row of `p`, the set of players that each query below declares. */
const PLAYER = sql<string>`p.player`;

/** The player's start value in a season: the value from the last season played, pulled towards that of a new player. */
function baseOf(orm: Orm, value: keyof typeof INITIAL): SQL<number> {
  const [seasonId, mode] = [placeholder("seasonId"), placeholder("mode")];
  const initial = sql`${INITIAL[value]}::int`;
  const last = orm
    .select({ base: sql`floor(${initial} + (1 - ${seasons.softReset}) * (${earlier[value]} - ${initial}) + 0.5)::int` })
    .from(earlier)
    .innerJoin(seasons, eq(seasons.id, seasonId))
    .where(and(eq(earlier.mode, mode), eq(earlier.playerId, PLAYER), lt(earlier.seasonId, seasonId)))
    .orderBy(desc(earlier.seasonId))
    .limit(1);
  return sql<number>`coalesce((${last}), ${initial})`;
}

function basesOf(orm: Orm) {
  return {
    player: PLAYER.as("player"),
    newBase: baseOf(orm, "rating").as("new_base"),
    newLogPrecisionBase: baseOf(orm, "logPrecision").as("new_log_precision_base"),
  };
}

const addRatingRows = buildOnce((orm) => {
  const changed = orm
    .select({
      ...basesOf(orm),
      change: sql<number>`p.change`.as("change"),
      precision: sql<number>`p."precision"`.as("precision"),
      outcome: sql<number>`p.outcome`.as("outcome"),
    })
    .from(
      sql`jsonb_to_recordset(${placeholder("rows")}::jsonb) as p(player text, change int, "precision" int, outcome int)`,
    )
    .as("changed");
  return orm
    .insert(ratings)
    .select(
      orm
        .select({
          seasonId: inColumn(ratings.seasonId, "seasonId"),
          mode: inColumn(ratings.mode, "mode"),
          playerId: changed.player,
          base: changed.newBase,
          gained: changed.change,
          rating: sql`${changed.newBase} + ${changed.change}`.as("rating"),
          logPrecisionBase: changed.newLogPrecisionBase,
          logPrecision: sql`${changed.newLogPrecisionBase} + ${changed.precision}`.as("log_precision"),
          games: sql`1`.as("games"),
          wins: sql`(${changed.outcome} > 0)::int`.as("wins"),
          losses: sql`(${changed.outcome} < 0)::int`.as("losses"),
          revision: sql`1`.as("revision"),
          changedIn: sql`pg_current_xact_id()`.as("changed_in"),
        })
        .from(changed),
    )
    .onConflictDoUpdate({
      target: [ratings.seasonId, ratings.mode, ratings.playerId],
      set: {
        gained: sql`${ratings.gained} + excluded.gained`,
        rating: sql`${ratings.rating} + excluded.gained`,
        games: sql`${ratings.games} + 1`,
        logPrecision: sql`${ratings.logPrecision} + excluded.log_precision - excluded.log_precision_base`,
        wins: sql`${ratings.wins} + excluded.wins`,
        losses: sql`${ratings.losses} + excluded.losses`,
        ...NEXT_REVISION,
      },
    })
    .returning({ player: ratings.playerId, rating: ratings.rating });
});

/** Adds the changes of a match. Resolves to the new ratings, by player. `tx` must have locked the players (`lockPlayers`). */
export async function addRatings(
  tx: SqlRunner,
  match: EndedMatch,
  seasonId: number,
  changes: readonly RatingChange[],
): Promise<Map<string, number>> {
  const { standings } = match.ended;
  const players = changes.map(({ player }) => player);
  const standingOf = new Map(standings.map((standing) => [standing.player, standing]));
  const rows = changes.map((one) => ({ ...one, outcome: outcomeOf(standingOf.get(one.player)!, standings) }));
  const added = await addRatingRows(tx, { seasonId, mode: match.mode, rows: JSON.stringify(rows) });
  await updateLaterSeasons(tx, match.mode, seasonId, players);
  return new Map(added.map(({ player, rating }) => [player, rating]));
}

const readLaterSeasons = buildOnce((orm) =>
  orm
    .select({ id: seasons.id })
    .from(seasons)
    .where(gt(seasons.id, placeholder("seasonId")))
    .orderBy(asc(seasons.id)),
);

const updateBases = buildOnce((orm) => {
  const based = orm
    .select(basesOf(orm))
    .from(sql`unnest(${placeholder("players")}::text[]) as p(player)`)
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
        eq(ratings.mode, placeholder("mode")),
        eq(ratings.playerId, sql`${based.player}`),
      ),
    );
});

/** Updates the bases of later seasons when a match of an earlier season is recorded late. */
async function updateLaterSeasons(
  tx: SqlRunner,
  mode: string,
  seasonId: number,
  players: readonly string[],
): Promise<void> {
  for (const { id } of await readLaterSeasons(tx, { seasonId })) await updateBases(tx, { seasonId: id, mode, players });
}
