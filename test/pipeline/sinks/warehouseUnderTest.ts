/** A warehouse sink on a given database, and what its tables contain. */
import { arena } from "../../../src/arena/game.ts";
import type { EventSource } from "../../../src/pipeline/events/RecordLayout.ts";
import type { BatchHandler } from "../../../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import type { Reject, Rejects } from "../../../src/pipeline/sinks/rejects.ts";
import { type WarehouseOptions, warehouseSink } from "../../../src/pipeline/sinks/warehouse/WarehouseSink.ts";
import { runnerOver } from "../../../src/platform/sql/PgSql.ts";
import type { Sql, SqlRunner } from "../../../src/platform/sql/Sql.ts";
import { NOON_MS } from "./matches.ts";

export const MOVE_TICKS = 20;

export class MemoryRejects implements Rejects {
  readonly all: Reject[] = [];
  async publish(rejects: readonly Reject[]): Promise<void> {
    this.all.push(...rejects);
  }
}

export function warehouse(
  sql: Sql,
  options: Partial<WarehouseOptions> = {},
  games: readonly EventSource[] = [arena],
): BatchHandler {
  return warehouseSink({
    sql,
    catalogue: new EventCatalogue(games),
    rejects: new MemoryRejects(),
    moveTicks: MOVE_TICKS,
    retentionDays: null,
    now: () => NOON_MS,
    warn: () => {},
    ...options,
  }).handler;
}

/** The rows of every table except the offsets, sorted by their text. Rows of partitions are those of their table. */
export async function readContents(sql: Sql, schema = "dw"): Promise<Record<string, unknown[]>> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p')
     AND NOT relispartition AND relname <> 'sink_offsets' ORDER BY 1`,
    [schema],
  );
  const all: Record<string, unknown[]> = {};
  for (const { name } of tables) {
    const { rows } = await sql.query<{ row: unknown }>(
      `SELECT to_jsonb(t) AS row FROM ${schema}."${name}" t ORDER BY to_jsonb(t)::text`,
    );
    all[name] = rows.map(({ row }) => row);
  }
  return all;
}

class Crash extends Error {}

export function isCrash(error: unknown): boolean {
  return error instanceof Crash || (error as Error).cause instanceof Crash;
}

/** A database whose connection is lost for good at its `at`-th step: before a statement, or between a commit and its response. */
export function crashingAt(sql: Sql, at: number): Sql {
  let statements = 0;
  const next = () => {
    if (++statements >= at) throw new Crash();
  };
  const counted = (runner: SqlRunner): SqlRunner =>
    runnerOver((statement) => {
      next();
      return runner.orm.run(statement);
    });
  return {
    ...counted(sql),
    url: sql.url,
    check: () => sql.check(),
    problem: () => sql.problem(),
    close: () => sql.close(),
    async transaction(work) {
      next();
      const result = await sql.transaction((tx) => work(counted(tx)));
      // The commit succeeds, but its response is lost.
      next();
      return result;
    },
  };
}
