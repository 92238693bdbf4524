/** The rows of matches whose `onEnded` has not run yet. */
import { and, asc, count, desc, eq, sql as fragment, inArray, isNotNull, lte } from "drizzle-orm";
import type { EndedMatchReport } from "../../game/Backend.ts";
import type { EndedMatch, MatchResults } from "../../pipeline/sinks/results/EndedMatch.ts";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { endedHooks } from "./schema.ts";

export interface ClaimedHook {
  readonly match: EndedMatchReport;
  /** How often it was begun, this time included. */
  readonly attempts: number;
}

export interface FailingHooks {
  readonly game: string;
  /** Matches whose latest attempt failed. */
  readonly matches: number;
  /** Why the latest of them failed, in one line. */
  readonly problem: string;
}

/** As `results`, and also remembers each started match of `games` for `onEnded`. */
export function withEndedHooks(results: MatchResults, games: ReadonlySet<string>): MatchResults {
  return {
    ...results,
    async onApplied(tx, matches) {
      const rows = matches.filter(({ game }) => games.has(game)).flatMap(reportOf);
      if (rows.length === 0) return;
      const values = rows.map((match) => ({ matchId: match.matchId, game: match.game, match }));
      await tx.orm.insert(endedHooks).values(values).onConflictDoNothing();
    },
  };
}

/** Empty for a match that was not started: it has no result. */
function reportOf({
  matchId,
  game,
  mode,
  created,
  started,
  ended,
  createdAt,
  endedAt,
}: EndedMatch): EndedMatchReport[] {
  if (started === null) return [];
  const { region, rulesVersion, map = null, source } = created;
  const { reason, lastTick, teamScores, standings } = ended;
  const common = { matchId, game, mode, region, rulesVersion, map, source, rated: started.rated };
  return [{ ...common, reason, lastTick, teamScores, standings, createdAt, endedAt }];
}

/** Matches of `game` that are due, the longest due first. Nobody else gets them for `claimMs`. */
export async function claimHooks(sql: Sql, game: string, limit: number, claimMs: number): Promise<ClaimedHook[]> {
  const { matchId, match, attempts, dueAt } = endedHooks;
  const isDue = and(eq(endedHooks.game, game), lte(dueAt, fragment`now()`));
  const due = sql.orm.select({ matchId }).from(endedHooks).where(isDue).orderBy(asc(dueAt)).limit(limit);
  return (
    sql.orm
      .update(endedHooks)
      .set({ attempts: fragment`${attempts} + 1`, dueAt: inMs(claimMs) })
      // The first condition is tested again if another process has claimed the row meanwhile.
      .where(and(isDue, inArray(matchId, due)))
      .returning({ match, attempts })
  );
}

/** Resolves to false if the hook of this match has already taken effect. */
export async function endHook(tx: SqlRunner, matchId: string): Promise<boolean> {
  const { rowCount } = await tx.orm.delete(endedHooks).where(eq(endedHooks.matchId, matchId));
  return rowCount === 1;
}

/** The hook failed because of `problem`, and is due again in `delayMs`. */
export async function delayHook(sql: Sql, matchId: string, problem: string, delayMs: number): Promise<void> {
  await sql.orm
    .update(endedHooks)
    .set({ problem, dueAt: inMs(delayMs) })
    .where(eq(endedHooks.matchId, matchId));
}

/** Resolves to the games with failing hooks. */
export async function readFailingHooks(sql: Sql): Promise<FailingHooks[]> {
  const { game, problem, dueAt } = endedHooks;
  const failing = await sql.orm
    .select({ game, matches: count() })
    .from(endedHooks)
    .where(isNotNull(problem))
    .groupBy(game)
    .orderBy(asc(game));
  const found: FailingHooks[] = [];
  for (const one of failing) {
    const ofGame = and(eq(game, one.game), isNotNull(problem));
    const [latest] = await sql.orm.select({ problem }).from(endedHooks).where(ofGame).orderBy(desc(dueAt)).limit(1);
    if (latest?.problem != null) found.push({ ...one, problem: latest.problem });
  }
  return found;
}

const inMs = (ms: number) => fragment`now() + ${ms}::float8 * interval '1 millisecond'`;
