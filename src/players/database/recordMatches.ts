/**
 * Writes finished matches to the operational tables: the matches, their participants and their ratings. Runs in the transaction in
 * which the results sink moves its offset, and is idempotent by the match id. The number of statements does not depend on the number
 * of matches: all rows of a table are passed in one parameter.
 */
import { desc, lte, sql } from "drizzle-orm";
import type { EndedMatch, RatingsChanged } from "../../pipeline/sinks/results/EndedMatch.ts";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { addRatings } from "./addRatings.ts";
import { type MatchRating, rateMatch, type StartedMatch } from "./rateMatch.ts";
import { matches, participants, seasons } from "./schema.ts";

interface RatedMatch extends MatchRating {
  readonly match: StartedMatch;
}

/**
 * Records each match exactly once, and does nothing for a match that was recorded before, or that never started and so has no result.
 * `tx` must have locked the players of all matches (`lockPlayers`). Resolves to the changed ratings, in the order of the matches. Rejects
 * with `UnstorableMessage` if a match names an unknown rating algorithm.
 */
export async function recordMatches(tx: SqlRunner, ended: readonly EndedMatch[]): Promise<RatingsChanged[]> {
  const started = ended.filter((match): match is StartedMatch => match.started !== null);
  const rated: RatedMatch[] = started.map((match) => ({ match, ...rateMatch(match) }));
  if (rated.length === 0) return [];
  const seasonOf = await insertMatches(tx, rated);
  const recorded = rated.flatMap((one) => {
    const seasonId = seasonOf.get(one.match.matchId);
    // The same match may be among them twice.
    seasonOf.delete(one.match.matchId);
    return seasonId === undefined ? [] : { ...one, seasonId };
  });
  if (recorded.length === 0) return [];
  await insertParticipants(tx, recorded);
  return addRatings(
    tx,
    recorded.filter(({ changes }) => changes.length > 0),
  );
}

const placeholder = sql.placeholder;

const insertMatchRows = buildOnce((orm) => {
  // Converted in SQL, because PostgreSQL cannot parse the text of JavaScript dates after the year 9999.
  const [createdAt, endedAt] = [sql`to_timestamp(r.created_at / 1000.0)`, sql`to_timestamp(r.ended_at / 1000.0)`];
  const season = orm
    .select({ id: seasons.id })
    .from(seasons)
    .where(lte(seasons.startsAt, createdAt))
    .orderBy(desc(seasons.startsAt))
    .limit(1)
    .as("season");
  return orm
    .insert(matches)
    .select(
      orm
        .select({
          id: sql`r.id`.as("id"),
          game: sql`r.game`.as("game"),
          mode: sql`r.mode`.as("mode"),
          region: sql`r.region`.as("region"),
          rulesVersion: sql`r.rules_version`.as("rules_version"),
          map: sql`r.map`.as("map"),
          seasonId: season.id,
          rated: sql`r.rated`.as("rated"),
          weight: sql`r.weight`.as("weight"),
          algorithm: sql`r.algorithm`.as("algorithm"),
          reason: sql`r.reason`.as("reason"),
          lastTick: sql`r.last_tick`.as("last_tick"),
          teamScores: sql`r.team_scores`.as("team_scores"),
          createdAt: createdAt.as("created_at"),
          endedAt: endedAt.as("ended_at"),
        })
        .from(
          sql`jsonb_to_recordset(${placeholder("rows")}::jsonb) as r(id text, game text, mode text, region text, rules_version text,
            map text, rated boolean, weight float8, algorithm text, reason text, last_tick int, team_scores jsonb, created_at bigint,
            ended_at bigint)`,
        )
        .crossJoinLateral(season)
        // All transactions insert in the same order, so they cannot deadlock.
        .orderBy(sql`r.id`),
    )
    .onConflictDoNothing({ target: matches.id })
    .returning({ id: matches.id, seasonId: matches.seasonId });
});

/** Resolves to the seasons of the matches that were not recorded before, by match. */
async function insertMatches(tx: SqlRunner, rated: readonly RatedMatch[]): Promise<Map<string, number>> {
  const rows = rated.map(({ match, changes, algorithm }) => {
    const { matchId, game, mode, created, started, ended, createdAt, endedAt } = match;
    return {
      ...{ id: matchId, game, mode, region: created.region, rules_version: created.rulesVersion },
      map: created.map ?? null,
      ...{ rated: changes.length > 0, algorithm: changes.length > 0 ? algorithm : null, weight: started.weight },
      ...{ reason: ended.reason, last_tick: ended.lastTick, team_scores: ended.teamScores },
      ...{ created_at: createdAt, ended_at: endedAt },
    };
  });
  const inserted = await insertMatchRows(tx, { rows: JSON.stringify(rows) });
  return new Map(inserted.map(({ id, seasonId }) => [id, seasonId]));
}

const insertParticipantRows = buildOnce((orm) =>
  orm
    .insert(participants)
    .select(
      orm
        .select({
          matchId: sql`r.match_id`.as("match_id"),
          seat: sql`r.seat`.as("seat"),
          playerId: sql`r.player`.as("player_id"),
          game: sql`r.game`.as("game"),
          mode: sql`r.mode`.as("mode"),
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
          sql`jsonb_to_recordset(${placeholder("rows")}::jsonb) as r(match_id text, game text, mode text, seat int, player text, bot boolean,
            team int, role int, place int, score int, kills int, deaths int, "left" boolean, rating_before int, rating_change int)`,
        ),
    )
    .onConflictDoNothing(),
);

async function insertParticipants(tx: SqlRunner, recorded: readonly RatedMatch[]): Promise<void> {
  await insertParticipantRows(tx, { rows: JSON.stringify(recorded.flatMap(participantsOf)) });
}

function participantsOf({ match: { matchId, game, mode, started, ended }, players, changes }: RatedMatch): object[] {
  const before = new Map(players.map(({ player, rating }) => [player, rating]));
  const changeOf = new Map(changes.map(({ player, change }) => [player, change]));
  const roles = new Map(started.roster.map(({ seat, role }) => [seat, role]));
  return ended.standings.map((standing) => ({
    ...standing,
    ...{ match_id: matchId, game, mode, role: roles.get(standing.seat) ?? 0 },
    rating_before: before.get(standing.player) ?? null,
    rating_change: changeOf.get(standing.player) ?? null,
  }));
}
