/**
 * Owns how much a rated match counts: less, where the same opponents have met that day already. Asked for before `started`
 * and recorded there; matches that are still being played do not count as earlierMatches yet.
 */
import { and, eq, sql as fragment, gte, inArray, isNotNull, lt, ne, not } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { Opponent } from "../rating/Opponent.ts";
import { participants } from "./schema.ts";

/**
 * Weight of a match between `opponents`, 0 to 1: the mean, over all pairs of opponents, of `weightAfter` the rated matches
 * in which the pair met as opponents in that mode on that UTC day. By pairs like the rating itself, so that one fresh face
 * among old ones lifts the weight a little and not wholly.
 *
 * @param day Unix ms of any moment of the day.
 */
export async function readMatchWeight(
  sql: SqlRunner,
  opponents: readonly Opponent[],
  mode: string,
  day: number,
  weightAfter: (earlierMatches: number) => number,
): Promise<number> {
  const earlierMatches = await countEarlierMatches(sql, opponents, mode, day);
  let pairs = 0;
  let sum = 0;
  for (const [index, a] of opponents.entries()) {
    for (const b of opponents.slice(index + 1)) {
      if (a.team === b.team) continue;
      pairs++;
      sum += weightAfter(earlierMatches.get(pairOf(a.player, b.player)) ?? 0);
    }
  }
  return pairs === 0 ? 1 : sum / pairs;
}

const pairOf = (a: string, b: string): string => (a < b ? `${a} ${b}` : `${b} ${a}`);

const a = alias(participants, "a");
const b = alias(participants, "b");

async function countEarlierMatches(sql: SqlRunner, opponents: readonly Opponent[], mode: string, day: number) {
  const start = Math.floor(day / DAY_MS) * DAY_MS;
  const players = opponents.map(({ player }) => player);
  const met = await sql.orm
    .select({ a: a.playerId, b: b.playerId, earlierMatches: fragment<number>`count(*)::int` })
    .from(a)
    .innerJoin(b, and(eq(b.matchId, a.matchId), inArray(b.playerId, players), ne(b.team, a.team), not(b.bot)))
    .where(
      and(
        inArray(a.playerId, players),
        eq(a.mode, mode),
        gte(a.matchId, firstIdOf(start)),
        lt(a.matchId, firstIdOf(start + DAY_MS)),
        not(a.bot),
        isNotNull(a.ratingChange),
        lt(a.playerId, b.playerId),
      ),
    )
    .groupBy(a.playerId, b.playerId);
  return new Map(met.map(({ a, b, earlierMatches }) => [pairOf(a, b), earlierMatches]));
}

const DAY_MS = 86_400_000;

/** No UUIDv7 of an earlier time is greater, none of a later time smaller. Source: RFC 9562, 5.7. */
function firstIdOf(unixMs: number): string {
  const hex = unixMs.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
