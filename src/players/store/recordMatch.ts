/**
 * Owns what a finished match does to the operational store: its row, its participants, and the ratings. Runs inside the
 * transaction in which the results sink moves its offset, and is idempotent by the match id.
 *
 * Any order of matches gives the same ratings: a change is computed from what `started` recorded and added; a season's
 * base is a function of the season before, and is computed anew when a late match changes that one.
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
  /** Who was rated, with the change and the rating in that season since. */
  readonly changes: readonly { readonly player: string; readonly change: number; readonly rating: number }[];
}

type Standing = MatchEvents["ended"]["standings"][number];

/** 1 for a win, −1 for a loss, 0 where nobody is behind. Who stayed is ahead of everyone who left. */
function outcomeOf(standing: Standing, standings: readonly Standing[]): number {
  if (standing.left) return -1;
  const stayed = standings.filter(({ left }) => !left);
  if (standing.place > Math.min(...stayed.map(({ place }) => place))) return -1;
  return standings.every(({ place, left }) => !left && place === standing.place) ? 0 : 1;
}

/** Who is rated: everyone or nobody. A person whose rating was not known at the start leaves the match unrated. */
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

/** Records the match once. Null where it was recorded before, or never started and so has nothing to record. */
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

const given = sql.placeholder;
/** A call's value, of the same name, for the column of an `insert … select`. */
const inColumn = (column: AnyPgColumn, name: string) => sql`${sql.param(given(name), column)}`.as(column.name);
/** Not by JavaScript's dates, whose text for years after 9999 PostgreSQL does not read. */
const timeOf = (name: string): SQL => sql`to_timestamp(${given(name)} / 1000.0)`;

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

/** The rows in one parameter, however many they are. */
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
          sql`jsonb_to_recordset(${given("rows")}::jsonb) as r(seat int, player text, bot boolean, team int, role int, place int,
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

/** What a newcomer has. */
const INITIAL = { rating: INITIAL_RATING, logPrecision: 0 } as const;
const earlier = alias(ratings, "earlier");
/** A row of the set of players `p`. */
const PLAYER = sql<string>`p.player`;

/** What the given season begins with for the player: the last season played, drawn towards what a newcomer has. */
function baseOf(orm: Orm, value: keyof typeof INITIAL): SQL<number> {
  const [seasonId, mode] = [given("seasonId"), given("mode")];
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
    .from(sql`jsonb_to_recordset(${given("rows")}::jsonb) as p(player text, change int, "precision" int, outcome int)`)
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
  await carryOver(tx, match.mode, seasonId, players);
  return new Map(added.map(({ player, rating }) => [player, rating]));
}

/**
 * One season's base comes from another's row, so matches of two seasons must not cross for the same player. In order, so that two
 * transactions with the same players never wait for each other in a ring.
 */
const lockPlayers = buildOnce((orm) => {
  const keys = orm
    .selectDistinct({ key: sql<bigint>`hashtextextended(player, 0)`.as("key") })
    .from(sql`unnest(${given("players")}::text[]) as player`)
    .orderBy(sql`key`)
    .as("keys");
  return orm.select({ locked: sql`pg_advisory_xact_lock(${keys.key})` }).from(keys);
});

const readLaterSeasons = buildOnce((orm) =>
  orm
    .select({ id: seasons.id })
    .from(seasons)
    .where(gt(seasons.id, given("seasonId")))
    .orderBy(asc(seasons.id)),
);

const updateBases = buildOnce((orm) => {
  const based = orm
    .select(basesOf(orm))
    .from(sql`unnest(${given("players")}::text[]) as p(player)`)
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
        eq(ratings.seasonId, given("seasonId")),
        eq(ratings.mode, given("mode")),
        eq(ratings.playerId, sql`${based.player}`),
      ),
    );
});

/** Brings the bases of later seasons up to date when a match of an earlier season comes late. */
async function carryOver(tx: SqlRunner, mode: string, seasonId: number, players: readonly string[]): Promise<void> {
  for (const { id } of await readLaterSeasons(tx, { seasonId })) await updateBases(tx, { seasonId: id, mode, players });
}
