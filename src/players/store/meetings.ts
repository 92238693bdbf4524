/**
 * Owns how much a rated match counts: less, where the same opponents have met that day already. Asked for before `started`
 * and recorded there; matches that are still being played do not count as meetings yet.
 */
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { Opponent } from "../rating/Opponent.ts";

/**
 * Weight of a match between `opponents`, 0 to 1: the mean, over all pairs of opponents, of `weightAfter` the rated matches
 * in which the pair met as opponents in that mode on that UTC day. By pairs like the rating itself, so that one fresh face
 * among old ones lifts the weight a little and not wholly.
 *
 * @param day Unix ms of any moment of the day.
 */
export async function weightFor(
  sql: SqlRunner,
  opponents: readonly Opponent[],
  mode: string,
  day: number,
  weightAfter: (meetings: number) => number,
): Promise<number> {
  const meetings = await countMeetings(sql, opponents, mode, day);
  let pairs = 0;
  let sum = 0;
  for (const [index, a] of opponents.entries()) {
    for (const b of opponents.slice(index + 1)) {
      if (a.team === b.team) continue;
      pairs++;
      sum += weightAfter(meetings.get(pairOf(a.player, b.player)) ?? 0);
    }
  }
  return pairs === 0 ? 1 : sum / pairs;
}

const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

async function countMeetings(sql: SqlRunner, opponents: readonly Opponent[], mode: string, day: number) {
  const start = Math.floor(day / DAY_MS) * DAY_MS;
  const { rows } = await sql.query<{ a: string; b: string; meetings: number }>(
    `select a.player_id as a, b.player_id as b, count(*)::int as meetings
     from participants a
     join participants b on b.match_id = a.match_id and b.player_id = any($1::text[]) and b.team <> a.team and not b.bot
     where a.player_id = any($1::text[]) and a.mode = $2 and a.match_id >= $3 and a.match_id < $4
       and not a.bot and a.rating_change is not null and a.player_id < b.player_id
     group by 1, 2`,
    [opponents.map(({ player }) => player), mode, firstIdOf(start), firstIdOf(start + DAY_MS)],
  );
  return new Map(rows.map(({ a, b, meetings }) => [pairOf(a, b), meetings]));
}

const DAY_MS = 86_400_000;

/** No UUIDv7 of an earlier time is greater, none of a later time smaller. Source: RFC 9562, 5.7. */
function firstIdOf(unixMs: number): string {
  const hex = unixMs.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
