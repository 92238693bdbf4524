/**
 * Builds a drizzle query once instead of at each call. Use it for queries that run per match or per join: building one costs as
 * much CPU time as sending it and reading its result.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Orm, openOrm, type RunStatement } from "./openOrm.ts";
import type { SqlRunner } from "./Sql.ts";

interface Buildable<T> {
  prepare(name: string): { execute(values?: Record<string, unknown>): Promise<T> };
}

const current = new AsyncLocalStorage<RunStatement>();
const template = openOrm((statement) => current.getStore()!(statement));

/** @param build returns the query, with `sql.placeholder(name)` for each value that a call passes. */
export function buildOnce<T, V extends Record<string, unknown>>(
  build: (orm: Orm) => Buildable<T>,
): (runner: SqlRunner, values: V) => Promise<T> {
  // The name is never sent to the server: see openOrm.
  const prepared = build(template).prepare("unnamed");
  return (runner, values) => current.run(runner.orm.run, () => prepared.execute(values));
}
