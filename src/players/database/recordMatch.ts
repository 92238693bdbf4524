/**
 * Writes a finished match to the operational tables: the match, its participants and their ratings. Runs in the transaction in
 * which the results sink moves its offset, and is idempotent by the match id.
 *
 * Any order of matches gives the same ratings. A change is computed from what `started` recorded, and added. The base of a
 * season depends on the season before it, and is computed again when a late match changes that season.
 */
import { and, asc, desc, eq, gt, lt, lte, type SQL, sql } from "drizzle-orm";
import { type AnyPgColumn, alias } from "drizzle-orm/pg-core";
import type { MatchEvents } from "../../../schema/matchEvents.ts";
import type { EndedMatch } from "../../pipeline/sinks/results/EndedMatch.ts";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { Orm } from "../../platform/sql/openOrm.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { INITIAL_RATING, type RatedPlayer, type RatingAlgorithm, type RatingChange } from "../rating/Rating.ts";
import { NEXT_REVISION } from "./nextRevision.ts";
import { matches, participants, ratings, seasons } from "./schema.ts";

interface RecordedMatch {
  readonly seasonId: number;
  /** The rated players, each with the change and the new rating in that season. */
  readonly changes: readonly { readonly player: string; readonly change: number; readonly rating: number }[];
}

type Standing = MatchEvents["ended"]["standings"][number];

/** 1 for a win, −1 for a loss, 0 if all share the first place. Players who stayed rank before those who left. */
function outcomeOf(standing: Standing, standings: readonly Standing[]): number {
  if (standing.left) return -1;
  const stayed = standings.filter(({ left }) => !left);
  if (standing.place > Math.min(...stayed.map(({ place }) => place))) return -1;
  return standings.every(({ place, left }) => !left && place === standing.place) ? 0 : 1;
}

/** Returns all players or none: if one player's rating was unknown at the start, the match is unrated. */
function ratedPlayers(algorithm: RatingAlgorithm, match: EndedMatch): RatedPlayer[] {
  if (match.started === null || !match.started.rated || match.ended.reason === "aborted") return [];
  const standings = new Map(match.ended.standings.map((standing) => [standing.seat, standing]));
  const rated = match.started.roster.flatMap(({ seat, player, team, rating, games, deviation, bot }) => {
    const standing = standings.get(seat);
    if (bot || rating === null || games === null || standing?.player !== player) return [];
    const known = { rating, games, deviation: deviation ?? algorithm.deviation({ games, logPrecision: 0 }) };
    return { player, team, ...known, place: standing.place, left: standing.left };
  });
  return rated.length === match.started.roster.length && rated.length > 1 ? rated : [];
}

/** Records the match exactly once. Resolves to null if it was already recorded, or if it never started and so has no result. */
export async function recordMatch(
  tx: SqlRunner,
  algorithm: RatingAlgorithm,
  match: EndedMatch,
): Promise<RecordedMatch | null> {
  if (match.started === null) return null;
  const rated = ratedPlayers(algorithm, match);
  const changes = rated.length > 0 ? algorithm.changes(rated, match.started.weight) : [];
  const seasonId = await insertMatch(tx, match, changes.length > 0 ? algorithm.name : null);
  if (seasonId === null) return null;
  const changeOf = new Map(changes.map(({ player, change }) => [player, change]));
  await insertParticipants(tx, match, rated, changeOf);
  if (changes.length === 0) return { seasonId, changes: [] };
  const ratings = await addRatings(tx, match, seasonId, changes);
  return {
    seasonId,
    changes: changes.map(({ player, change }) => ({ player, change, rating: ratings.get(player)! })),
  };
}

const placeholder = sql.placeholder;
/** The placeholder `name` as a column of an `insert … select`. */
const inColumn = (column: AnyPgColumn, name: string) => sql`${sql.param(placeholder(name), column)}`.as(column.name);
/** Converts in SQL, because PostgreSQL cannot parse the text of JavaScript dates after the year 9999. */
const timeOf = (name: string): SQL => sql`to_timestamp(${placeholder(name)} / 1000.0)`;

const insertMatchRow = buildOnce((orm) =>
  orm
    .insert(matches)
    .select(
      orm
        .select({
          id: inColumn(matches.id, "id"),
          game: inColumn(matches.game, "game"),
          mode: inColumn(matches.mode, "mode"),
          region: inColumn(matches.region, "region"),
          rulesVersion: inColumn(matches.rulesVersion, "rulesVersion"),
          seasonId: seasons.id,
          rated: inColumn(matches.rated, "rated"),
          weight: inColumn(matches.weight, "weight"),
          algorithm: inColumn(matches.algorithm, "algorithm"),
          reason: inColumn(matches.reason, "reason"),
          lastTick: inColumn(matches.lastTick, "lastTick"),
          teamScores: inColumn(matches.teamScores, "teamScores"),
          createdAt: timeOf("createdAt").as("created_at"),
          endedAt: timeOf("endedAt").as("ended_at"),
        })
        .from(seasons)
        .where(lte(seasons.startsAt, timeOf("createdAt")))
        .orderBy(desc(seasons.startsAt))
        .limit(1),
    )
    .onConflictDoNothing({ target: matches.id })
    .returning({ seasonId: matches.seasonId }),
);

async function insertMatch(tx: SqlRunner, match: EndedMatch, algorithm: string | null): Promise<number | null> {
  const { matchId, game, mode, created, started, ended, createdAt, endedAt } = match;
  const [inserted] = await insertMatchRow(tx, {
    ...{ id: matchId, game, mode, region: created.region, rulesVersion: created.rulesVersion },
    ...{ rated: algorithm !== null, algorithm, weight: started!.weight },
    ...{ reason: ended.reason, lastTick: ended.lastTick, teamScores: ended.teamScores, createdAt, endedAt },
  });
  return inserted?.seasonId ?? null;
}

/** All rows are passed in one parameter, so the query does not depend on their number. */
const insertParticipantRows = buildOnce((orm) =>
  orm
    .insert(participants)
    .select(
      orm
        .select({
          matchId: inColumn(participants.matchId, "matchId"),
          seat: sql`r.seat`.as("seat"),
          playerId: sql`r.player`.as("player_id"),
          mode: inColumn(participants.mode, "mode"),
          bot: sql`r.bot`.as("bot"),
          team: sql`r.team`.as("team"),
          role: sql`r.role`.as("role"),
          place: sql`r.place`.as("place"),
          score: sql`r.score`.as("score"),
          kills: sql`r.kills`.as("kills"),
          deaths: sql`r.deaths`.as("deaths"),
          left: sql`r."left"`.as("left"),
          ratingBefore: sql`r.rating_before`.as("rating_before"),
          ratingChange: sql`r.rating_change`.as("rating_change"),
        })
        .from(
          sql`jsonb_to_recordset(${placeholder("rows")}::jsonb) as r(seat int, player text, bot boolean, team int, role int, place int,
            score int, kills int, deaths int, "left" boolean, rating_before int, rating_change int)`,
        ),
    )
    .onConflictDoNothing(),
);

async function insertParticipants(
  tx: SqlRunner,
  match: EndedMatch,
  rated: readonly RatedPlayer[],
  changeOf: ReadonlyMap<string, number>,
): Promise<void> {
  const before = new Map(rated.map(({ player, rating }) => [player, rating]));
  const roles = new Map(match.started!.roster.map(({ seat, role }) => [seat, role]));
  const rows = match.ended.standings.map((standing) => ({
    ...standing,
    role: roles.get(standing.seat) ?? 0,
    rating_before: changeOf.has(standing.player) ? before.get(standing.player) : null,
    rating_change: changeOf.get(standing.player) ?? null,
  }));
  await insertParticipantRows(tx, { matchId: match.matchId, mode: match.mode, rows: JSON.stringify(rows) });
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

async function addRatings(
  tx: SqlRunner,
  match: EndedMatch,
  seasonId: number,
  changes: readonly RatingChange[],
): Promise<Map<string, number>> {
  const { standings } = match.ended;
  const players = changes.map(({ player }) => player);
  const standingOf = new Map(standings.map((standing) => [standing.player, standing]));
  const rows = changes.map((one) => ({ ...one, outcome: outcomeOf(standingOf.get(one.player)!, standings) }));
  await lockPlayers(tx, { players });
  const added = await addRatingRows(tx, { seasonId, mode: match.mode, rows: JSON.stringify(rows) });
  await updateLaterSeasons(tx, match.mode, seasonId, players);
  return new Map(added.map(({ player, rating }) => [player, rating]));
}

/**
 * The base of a season comes from the row of another season, so matches of two seasons must not be recorded at the same time
 * for the same player. The locks are taken in order, so that two transactions with the same players cannot deadlock.
 */
const lockPlayers = buildOnce((orm) => {
  const keys = orm
    .selectDistinct({ key: sql<bigint>`hashtextextended(player, 0)`.as("key") })
    .from(sql`unnest(${placeholder("players")}::text[]) as player`)
    .orderBy(sql`key`)
    .as("keys");
  return orm.select({ locked: sql`pg_advisory_xact_lock(${keys.key})` }).from(keys);
});

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
