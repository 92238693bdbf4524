/**
 * Writes a finished match to the operational tables: the match, its participants and their ratings. Runs in the transaction in
 * which the results sink moves its offset, and is idempotent by the match id.
 */
import { desc, lte, type SQL, sql } from "drizzle-orm";
import type { EndedMatch } from "../../pipeline/sinks/results/EndedMatch.ts";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { RatedPlayer, RatingAlgorithm, RatingChange } from "../rating/Rating.ts";
import { addRatings } from "./addRatings.ts";
import { inColumn } from "./inColumn.ts";
import { matches, participants, seasons } from "./schema.ts";

interface RecordedMatch {
  readonly seasonId: number;
  /** The rated players, each with the change and the new rating in that season. */
  readonly changes: readonly { readonly player: string; readonly change: number; readonly rating: number }[];
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

/** Returns the changes that count. If the match was too short, only the changes of players who left count. */
function changesOf(algorithm: RatingAlgorithm, { started, ended }: EndedMatch, rated: RatedPlayer[]): RatingChange[] {
  if (rated.length === 0) return [];
  const changes = algorithm.changes(rated, started!.weight);
  const isTooShort = ended.lastTick < (started!.ratedFromTick ?? 0);
  return isTooShort ? changes.filter((_, index) => rated[index].left) : changes;
}

/**
 * Records the match exactly once. Resolves to null if it was already recorded, or if it never started and so has no result. `tx`
 * must have locked the match's players (`lockPlayers`).
 */
export async function recordMatch(
  tx: SqlRunner,
  algorithm: RatingAlgorithm,
  match: EndedMatch,
): Promise<RecordedMatch | null> {
  if (match.started === null) return null;
  const rated = ratedPlayers(algorithm, match);
  const changes = changesOf(algorithm, match, rated);
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
    rating_before: before.get(standing.player) ?? null,
    rating_change: changeOf.get(standing.player) ?? null,
  }));
  await insertParticipantRows(tx, { matchId: match.matchId, mode: match.mode, rows: JSON.stringify(rows) });
}
