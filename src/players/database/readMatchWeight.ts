/**
 * Reads what the weight of a rated match depends on: the earlier rated matches of its players in the ladder. The weight is computed
 * before the match starts, and recorded in `started`. Matches that are still running are not seen.
 *
 * Raw SQL: this query has a lateral join, window functions and several common table expressions, and drizzle's builder
 * would hide their order.
 */
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { Ladder } from "../rating/Ladder.ts";
import {
  ESTABLISHED_GAMES,
  ESTABLISHED_GUEST_GAMES,
  FRESH_ACCOUNT_MS,
  HISTORY_MATCHES_MAX,
  HISTORY_MATCHES_MIN,
  HISTORY_MS,
  type Meetings,
  matchWeight,
  type WeighedPlayer,
} from "../rating/matchWeight.ts";
import type { TeamMember } from "../rating/TeamMember.ts";

const DAY_MS = 86_400_000;
/** Limits the work of the query: pairs of a player and an opponent in all matches that it reads. */
const MEETINGS_MAX = 25_000;

interface HistoryRow {
  readonly player: string;
  readonly standing: number;
  readonly matches: number;
  readonly meetings: number;
  readonly circle: number;
  readonly newcomers: number;
  /** By the id of another player of this match: how often the two met today, and how often in all matches that were read. */
  readonly met: Readonly<Record<string, readonly [today: number, total: number]>>;
}

/** Computes `standingOf` and `MatchHistory` of each player in SQL. A test compares the results with a computation in memory. */
const HISTORIES = `
with sample as (
  select p.player, s.match_id, s.team
  from unnest($1::text[]) p(player)
  cross join lateral (
    select newest.match_id, newest.team, row_number() over (order by newest.match_id desc) as n from (
      select match_id, team from participants
      where player_id = p.player and game = $8 and mode = $2 and not bot and rating_change is not null
      order by match_id desc limit $3
    ) newest
  ) s
  where s.n <= ${HISTORY_MATCHES_MIN} or s.match_id >= $4
), met as (
  select s.player, s.match_id, o.player_id as opponent, count(*) over (partition by s.player, s.match_id) as opponents
  from sample s join participants o on o.match_id = s.match_id and o.team <> s.team and not o.bot
), standing as (
  select person.id, least(1, g.games::float8 / case
    when k.kind = 'account' and k.created_at < $5 then ${ESTABLISHED_GAMES} else ${ESTABLISHED_GUEST_GAMES} end) as standing
  from (select opponent as id from met union select unnest($1::text[])) person
  left join lateral (select kind, created_at from players where id = person.id limit 1) k on true
  cross join lateral (select coalesce(sum(games), 0) as games from ratings where player_id = person.id and game = $8 and mode = $2) g
), history as (
  select m.player, count(distinct m.match_id) as matches, count(*) as meetings, sum((1 - s.standing) / m.opponents) as newcomers
  from met m join standing s on s.id = m.opponent group by m.player
), person as (
  select player, opponent, count(*) as total, count(*) filter (where match_id >= $6 and match_id < $7) as today
  from met group by player, opponent
), circle as (
  select c.player, sum(s.standing) filter (where c.opponent <> all($1)) as circle,
    jsonb_object_agg(c.opponent, jsonb_build_array(c.today, c.total)) filter (where c.opponent = any($1)) as met
  from person c join standing s on s.id = c.opponent group by c.player
)
select s.id as player, s.standing::float8, coalesce(h.matches, 0)::int as matches, coalesce(h.meetings, 0)::int as meetings,
  coalesce(c.circle, 0)::float8 as circle, coalesce(h.newcomers, 0)::float8 as newcomers, coalesce(c.met, '{}') as met
from standing s left join history h on h.player = s.id left join circle c on c.player = s.id
where s.id = any($1)`;

/**
 * Resolves to the `matchWeight` of a match of `members`, 0 to 1.
 *
 * @param at Unix ms.
 */
export async function readMatchWeight(
  sql: SqlRunner,
  members: readonly TeamMember[],
  { game, mode }: Ladder,
  at: number,
): Promise<number> {
  const day = Math.floor(at / DAY_MS) * DAY_MS;
  const { rows } = await sql.query<HistoryRow>(HISTORIES, [
    members.map(({ player }) => player),
    mode,
    matchesRead(members),
    firstIdOf(at - HISTORY_MS),
    new Date(at - FRESH_ACCOUNT_MS),
    firstIdOf(day),
    firstIdOf(day + DAY_MS),
    game,
  ]);
  const rowOf = new Map(rows.map((row) => [row.player, row]));
  const players = members.map(({ player, team }): WeighedPlayer => {
    const { standing, ...history } = rowOf.get(player)!;
    return { player, team, standing, history };
  });
  return matchWeight(players, (a, b): Meetings | undefined => {
    const met = rowOf.get(a)!.met[b];
    return met && { today: met[0], total: met[1] };
  });
}

/** How many matches of each player are read. Fewer in modes with many opponents, because each match shows more opponents. */
function matchesRead(members: readonly TeamMember[]): number {
  const pairs = members.reduce((sum, { team }) => sum + members.filter((other) => other.team !== team).length, 0);
  const affordable = Math.floor(MEETINGS_MAX / Math.max(1, pairs));
  return Math.max(HISTORY_MATCHES_MIN, Math.min(HISTORY_MATCHES_MAX, affordable));
}

/** A lower bound of all UUIDv7 of this time or later, and an upper bound of all earlier ones. Source: RFC 9562, 5.7. */
function firstIdOf(unixMs: number): string {
  const hex = unixMs.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
