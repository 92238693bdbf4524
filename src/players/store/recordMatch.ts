/**
 * Owns what a finished match does to the operational store: its row, its participants, and the ratings. Runs inside the
 * transaction in which the results sink moves its offset, and is idempotent by the match id.
 *
 * Any order of matches gives the same ratings: a change is computed from what `started` recorded and added; a season's
 * base is a function of the season before, and is computed anew when a late match changes that one.
 */
import type { MatchEvents } from "../../../schema/matchEvents.ts";
import type { EndedMatch } from "../../pipeline/sinks/results/EndedMatch.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { INITIAL_RATING, type RatedPlayer, type RatingAlgorithm, type RatingChange } from "../rating/Rating.ts";
import { TOUCHED } from "./touched.ts";

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

async function insertMatch(tx: SqlRunner, match: EndedMatch, algorithm: string | null): Promise<number | null> {
  const { rows } = await tx.query<{ season_id: number }>(
    `insert into matches (id, game, mode, region, rules_version, season_id, rated, algorithm, weight, reason, last_tick, team_scores, created_at, ended_at)
     select $1, $2, $3, $4, $5, s.id, $6::text is not null, $6, $7, $8, $9, $10::jsonb, to_timestamp($11 / 1000.0), to_timestamp($12 / 1000.0)
     from (select id from seasons where starts_at <= to_timestamp($11 / 1000.0) order by starts_at desc limit 1) s
     on conflict (id) do nothing returning season_id`,
    [
      match.matchId,
      match.game,
      match.mode,
      match.created.region,
      match.created.rulesVersion,
      algorithm,
      match.started!.weight,
      match.ended.reason,
      match.ended.lastTick,
      JSON.stringify(match.ended.teamScores),
      match.createdAt,
      match.endedAt,
    ],
  );
  return rows[0]?.season_id ?? null;
}

async function insertParticipants(
  tx: SqlRunner,
  match: EndedMatch,
  rated: readonly RatedPlayer[],
  changeOf: ReadonlyMap<string, number>,
): Promise<void> {
  const before = new Map(rated.map(({ player, rating }) => [player, rating]));
  const roles = new Map(match.started!.roster.map(({ seat, role }) => [seat, role]));
  const rows = match.ended.standings.map(({ kills, deaths, ...standing }) => ({
    ...standing,
    kills,
    deaths,
    role: roles.get(standing.seat) ?? 0,
    rating_before: changeOf.has(standing.player) ? before.get(standing.player) : null,
    rating_change: changeOf.get(standing.player) ?? null,
  }));
  await tx.query(
    `insert into participants (match_id, seat, player_id, mode, bot, team, role, place, score, kills, deaths, "left", rating_before, rating_change)
     select $1, seat, player, $2, bot, team, role, place, score, kills, deaths, "left", rating_before, rating_change
     from jsonb_to_recordset($3::jsonb) as r(seat int, player text, bot boolean, team int, role int, place int, score int,
       kills int, deaths int, "left" boolean, rating_before int, rating_change int)
     on conflict do nothing`,
    [match.matchId, match.mode, JSON.stringify(rows)],
  );
}

/**
 * What a season begins with for the player `p.player`: the last season played, drawn towards what a newcomer has.
 * $1: the season, $2: the mode.
 */
const baseOf = (column: string, initial: string): string => `coalesce((
  select floor(${initial} + (1 - s.soft_reset) * (b.${column} - ${initial}) + 0.5)::int
  from ratings b join seasons s on s.id = $1
  where b.mode = $2 and b.player_id = p.player and b.season_id < $1
  order by b.season_id desc limit 1), ${initial})`;

/** $4: the initial rating. */
const BASES = `${baseOf("rating", "$4::int")} as base, ${baseOf("log_precision", "0")} as sure_base`;

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
  // One season's base comes from another's row, so matches of two seasons must not cross for the same player. In order, so
  // that two transactions with the same players never wait for each other in a ring.
  await tx.query(
    `select pg_advisory_xact_lock(key)
     from (select distinct hashtextextended(player, 0) as key from unnest($1::text[]) as player order by key) as keys`,
    [players],
  );
  const added = await tx.query<{ player: string; rating: number }>(
    `insert into ratings (season_id, mode, player_id, base, gained, rating, log_precision_base, log_precision, games, wins, losses)
     select $1, $2, p.player, p.base, p.change, p.base + p.change, p.sure_base, p.sure_base + p.precision, 1,
       (p.outcome > 0)::int, (p.outcome < 0)::int
     from (select p.*, ${BASES}
           from jsonb_to_recordset($3::jsonb) as p(player text, change int, "precision" int, outcome int)) p
     on conflict (season_id, mode, player_id) do update set
       gained = ratings.gained + excluded.gained, rating = ratings.rating + excluded.gained, games = ratings.games + 1,
       log_precision = ratings.log_precision + excluded.log_precision - excluded.log_precision_base,
       wins = ratings.wins + excluded.wins, losses = ratings.losses + excluded.losses,
       ${TOUCHED}
     returning player_id as player, rating`,
    [seasonId, match.mode, JSON.stringify(rows), INITIAL_RATING],
  );
  await carryOver(tx, match.mode, seasonId, players);
  return new Map(added.rows.map(({ player, rating }) => [player, rating]));
}

/** Brings the bases of later seasons up to date when a match of an earlier season comes late. */
async function carryOver(tx: SqlRunner, mode: string, seasonId: number, players: readonly string[]): Promise<void> {
  const { rows: later } = await tx.query<{ id: number }>("select id from seasons where id > $1 order by id", [
    seasonId,
  ]);
  for (const { id } of later) {
    await tx.query(
      `update ratings set base = p.base, rating = p.base + ratings.gained, log_precision_base = p.sure_base,
         log_precision = p.sure_base + ratings.log_precision - ratings.log_precision_base, ${TOUCHED}
       from (select p.player, ${BASES} from unnest($3::text[]) as p(player)) p
       where ratings.season_id = $1 and ratings.mode = $2 and ratings.player_id = p.player`,
      [id, mode, players, INITIAL_RATING],
    );
  }
}
