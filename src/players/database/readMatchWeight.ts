/**
 * Computes how much a rated match counts: less if the same opponents have already met that day. The weight is computed before
 * the match starts, and recorded in `started`. Matches that are still running do not count as earlier matches.
 */
import { and, eq, sql as fragment, gte, inArray, isNotNull, lt, ne, not } from "drizzle-orm";
import { alias } from "drizzle-orm/pg-core";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import type { TeamMember } from "../rating/TeamMember.ts";
import { participants } from "./schema.ts";

/**
 * Weight of a match of `members`, 0 to 1: the mean, over all pairs of opponents, of `weightAfter(n)`, where n is the number of
 * rated matches in that mode and on that UTC day in which the pair already met as opponents. The mean is over pairs, as in the
 * rating. So one new player among players who have met raises the weight only a little.
 *
 * @param day Unix ms of any time on the day.
 */
export async function readMatchWeight(
  sql: SqlRunner,
  members: readonly TeamMember[],
  mode: string,
  day: number,
  weightAfter: (earlierMatches: number) => number,
): Promise<number> {
  const earlierMatches = await countEarlierMatches(sql, members, mode, day);
  let pairs = 0;
  let sum = 0;
  for (const [index, a] of members.entries()) {
    for (const b of members.slice(index + 1)) {
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

async function countEarlierMatches(sql: SqlRunner, members: readonly TeamMember[], mode: string, day: number) {
  const start = Math.floor(day / DAY_MS) * DAY_MS;
  const players = members.map(({ player }) => player);
  const meetings = await sql.orm
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
  return new Map(meetings.map(({ a, b, earlierMatches }) => [pairOf(a, b), earlierMatches]));
}

const DAY_MS = 86_400_000;

/** A lower bound of all UUIDv7 of this time or later, and an upper bound of all earlier ones. Source: RFC 9562, 5.7. */
function firstIdOf(unixMs: number): string {
  const hex = unixMs.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
