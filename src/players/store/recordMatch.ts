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
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { INITIAL_RATING, type RatedPlayer, type RatingAlgorithm, type RatingChange } from "../rating/Rating.ts";
import { matches, participants, ratings, seasons } from "./schema.ts";
import { TOUCHED } from "./touched.ts";

export interface RecordedMatch {
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

/** Not by JavaScript's dates, whose text for years after 9999 PostgreSQL does not read. */
const timeOf = (unixMs: number): SQL => sql`to_timestamp(${unixMs} / 1000.0)`;

/** A value for the column of an `insert … select`. */
const inColumn = (column: AnyPgColumn, value: unknown) => sql`${sql.param(value, column)}`.as(column.name);

async function insertMatch(tx: SqlRunner, match: EndedMatch, algorithm: string | null): Promise<number | null> {
  const createdAt = timeOf(match.createdAt);
  const row = tx.orm
    .select({
      id: inColumn(matches.id, match.matchId),
      game: inColumn(matches.game, match.game),
      mode: inColumn(matches.mode, match.mode),
      region: inColumn(matches.region, match.created.region),
      rulesVersion: inColumn(matches.rulesVersion, match.created.rulesVersion),
      seasonId: seasons.id,
      rated: inColumn(matches.rated, algorithm !== null),
      weight: inColumn(matches.weight, match.started!.weight),
      algorithm: inColumn(matches.algorithm, algorithm),
      reason: inColumn(matches.reason, match.ended.reason),
      lastTick: inColumn(matches.lastTick, match.ended.lastTick),
      teamScores: inColumn(matches.teamScores, match.ended.teamScores),
      createdAt: createdAt.as("created_at"),
      endedAt: timeOf(match.endedAt).as("ended_at"),
    })
    .from(seasons)
    .where(lte(seasons.startsAt, createdAt))
    .orderBy(desc(seasons.startsAt))
    .limit(1);
  const [inserted] = await tx.orm
    .insert(matches)
    .select(row)
    .onConflictDoNothing({ target: matches.id })
    .returning({ seasonId: matches.seasonId });
  return inserted?.seasonId ?? null;
}

async function insertParticipants(
  tx: SqlRunner,
  match: EndedMatch,
  rated: readonly RatedPlayer[],
  changeOf: ReadonlyMap<string, number>,
): Promise<void> {
  const before = new Map(rated.map(({ player, rating }) => [player, rating]));
  const roles = new Map(match.started!.roster.map(({ seat, role }) => [seat, role]));
  const rows = match.ended.standings.map(({ seat, player, bot, team, place, score, kills, deaths, left }) => ({
    ...{ matchId: match.matchId, mode: match.mode },
    ...{ seat, playerId: player, bot, team, place, score, kills, deaths, left },
    role: roles.get(seat) ?? 0,
    ratingBefore: changeOf.has(player) ? before.get(player) : null,
    ratingChange: changeOf.get(player) ?? null,
  }));
  if (rows.length > 0) await tx.orm.insert(participants).values(rows).onConflictDoNothing();
}

/** What a newcomer has. */
const INITIAL = { rating: INITIAL_RATING, logPrecision: 0 } as const;
const earlier = alias(ratings, "earlier");
/** A row of the set of players `p`. */
const PLAYER = sql<string>`p.player`;

/** What a season begins with for the player: the last season played, drawn towards what a newcomer has. */
function baseOf(tx: SqlRunner, seasonId: number, mode: string, value: keyof typeof INITIAL): SQL<number> {
  const initial = sql`${INITIAL[value]}::int`;
  const last = tx.orm
    .select({ base: sql`floor(${initial} + (1 - ${seasons.softReset}) * (${earlier[value]} - ${initial}) + 0.5)::int` })
    .from(earlier)
    .innerJoin(seasons, eq(seasons.id, seasonId))
    .where(and(eq(earlier.mode, mode), eq(earlier.playerId, PLAYER), lt(earlier.seasonId, seasonId)))
    .orderBy(desc(earlier.seasonId))
    .limit(1);
  return sql<number>`coalesce((${last}), ${initial})`;
}

function basesOf(tx: SqlRunner, seasonId: number, mode: string) {
  return {
    player: PLAYER.as("player"),
    newBase: baseOf(tx, seasonId, mode, "rating").as("new_base"),
    newLogPrecisionBase: baseOf(tx, seasonId, mode, "logPrecision").as("new_log_precision_base"),
  };
}

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
  await lockPlayers(tx, players);
  const changed = tx.orm
    .select({
      ...basesOf(tx, seasonId, match.mode),
      change: sql<number>`p.change`.as("change"),
      precision: sql<number>`p."precision"`.as("precision"),
      outcome: sql<number>`p.outcome`.as("outcome"),
    })
    .from(
      sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p(player text, change int, "precision" int, outcome int)`,
    )
    .as("changed");
  const added = await tx.orm
    .insert(ratings)
    .select(
      tx.orm
        .select({
          seasonId: inColumn(ratings.seasonId, seasonId),
          mode: inColumn(ratings.mode, match.mode),
          playerId: changed.player,
          base: changed.newBase,
          gained: changed.change,
          rating: sql`${changed.newBase} + ${changed.change}`.as("rating"),
          logPrecisionBase: changed.newLogPrecisionBase,
          logPrecision: sql`${changed.newLogPrecisionBase} + ${changed.precision}`.as("log_precision"),
          games: inColumn(ratings.games, 1),
          wins: sql`(${changed.outcome} > 0)::int`.as("wins"),
          losses: sql`(${changed.outcome} < 0)::int`.as("losses"),
          revision: inColumn(ratings.revision, 1),
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
        ...TOUCHED,
      },
    })
    .returning({ player: ratings.playerId, rating: ratings.rating });
  await carryOver(tx, match.mode, seasonId, players);
  return new Map(added.map(({ player, rating }) => [player, rating]));
}

/**
 * One season's base comes from another's row, so matches of two seasons must not cross for the same player. In order, so that two
 * transactions with the same players never wait for each other in a ring.
 */
async function lockPlayers(tx: SqlRunner, players: readonly string[]): Promise<void> {
  const keys = tx.orm
    .selectDistinct({ key: sql<bigint>`hashtextextended(player, 0)`.as("key") })
    .from(sql`unnest(${sql.param(players)}::text[]) as player`)
    .orderBy(sql`key`)
    .as("keys");
  await tx.orm.select({ locked: sql`pg_advisory_xact_lock(${keys.key})` }).from(keys);
}

/** Brings the bases of later seasons up to date when a match of an earlier season comes late. */
async function carryOver(tx: SqlRunner, mode: string, seasonId: number, players: readonly string[]): Promise<void> {
  const later = await tx.orm
    .select({ id: seasons.id })
    .from(seasons)
    .where(gt(seasons.id, seasonId))
    .orderBy(asc(seasons.id));
  for (const { id } of later) {
    const based = tx.orm
      .select(basesOf(tx, id, mode))
      .from(sql`unnest(${sql.param(players)}::text[]) as p(player)`)
      .as("based");
    await tx.orm
      .update(ratings)
      .set({
        base: sql`${based.newBase}`,
        rating: sql`${based.newBase} + ${ratings.gained}`,
        logPrecisionBase: sql`${based.newLogPrecisionBase}`,
        logPrecision: sql`${based.newLogPrecisionBase} + ${ratings.logPrecision} - ${ratings.logPrecisionBase}`,
        ...TOUCHED,
      })
      .from(based)
      .where(and(eq(ratings.seasonId, id), eq(ratings.mode, mode), eq(ratings.playerId, based.player)));
  }
}
