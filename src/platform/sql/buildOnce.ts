/**
 * Queries that drizzle builds once instead of at each call, for what runs per match or per join: building one takes as much of a core
 * as sending it and reading its answer.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { type Orm, openOrm, type RunStatement } from "./openOrm.ts";
import type { SqlRunner } from "./Sql.ts";

interface Buildable<T> {
  prepare(name: string): { execute(values?: Record<string, unknown>): Promise<T> };
}

const current = new AsyncLocalStorage<RunStatement>();
const template = openOrm((statement) => current.getStore()!(statement));

/** @param build makes the query, with `sql.placeholder(name)` where a call's values go. */
export function buildOnce<T, V extends Record<string, unknown>>(
  build: (orm: Orm) => Buildable<T>,
): (runner: SqlRunner, values: V) => Promise<T> {
  // The name goes nowhere: see openOrm.
  const prepared = build(template).prepare("unnamed");
  return (runner, values) => current.run(runner.orm.run, () => prepared.execute(values));
}
