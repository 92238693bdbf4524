import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { utcDay, uuidV7TimeMs } from "../events/eventDate.ts";
import type { Times } from "./messagesInLake.ts";

interface SessionRow {
  readonly connection: string;
  readonly ended_at: Date | null;
}

interface SessionDifferences {
  /** What `fact_session` lacks. */
  readonly missing: readonly string[];
  /** What it has and the lake does not. */
  readonly surplus: readonly string[];
}

/** Compares the connections in the lake with the rows of `fact_session`. @param connections whether the lake has the end, by id. */
export async function compareSessions(
  sql: SqlRunner,
  connections: ReadonlyMap<string, boolean>,
  times: Times,
): Promise<SessionDifferences> {
  const begins = [...connections.keys()].map(uuidV7TimeMs);
  const oldestMs = begins.reduce((oldest, ms) => Math.min(oldest, ms), Math.max(0, times.sinceMs));
  const { rows } = await sql.query<SessionRow>(
    "SELECT connection, disconnected_at AS ended_at FROM dw.fact_session WHERE event_date >= $1",
    [utcDay(oldestMs)],
  );
  const stored = new Map(rows.map(({ connection, ended_at }) => [connection, ended_at]));
  const missing: string[] = [];
  for (const [id, hasEnded] of connections) {
    const endedAt = stored.get(id);
    if (endedAt === undefined) missing.push(`fact_session has no row for connection ${id}`);
    else if (hasEnded && endedAt === null) missing.push(`fact_session has no end of connection ${id}`);
  }
  const isSettled = (id: string, endedAt: Date | null) => {
    const begunAt = uuidV7TimeMs(id);
    return begunAt >= times.sinceMs && Math.max(begunAt, endedAt?.getTime() ?? 0) < times.untilMs;
  };
  const surplus = [...stored].filter(([id, endedAt]) => !connections.has(id) && isSettled(id, endedAt));
  return { missing, surplus: surplus.map(([id]) => `has no event of connection ${id}, but fact_session has it`) };
}
