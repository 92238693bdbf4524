/**
 * The SQL port: one PostgreSQL database, for the operational data or the warehouse. Interfaces only.
 *
 * Both implementations speak PostgreSQL's protocol to the same code: a server, and PGlite in a child process. PGlite is
 * one backend, so an open transaction makes everyone else wait. What uses this port therefore keeps transactions short and
 * awaits nothing but the database within them, takes locks with `pg_advisory_xact_lock` only, and uses no COPY, named
 * statement, temporary table or SET.
 */
import type { Orm } from "./openOrm.ts";

export interface SqlResult<R> {
  readonly rows: R[];
  /** Rows returned, or touched by a statement that returns none. */
  readonly rowCount: number;
}

/**
 * What runs statements. Values come back as: `bigint` a BigInt, `numeric` and `date` strings, `timestamptz` a Date,
 * `json` and `jsonb` parsed; all else as node-postgres gives it. Errors are node-postgres's own, with PostgreSQL's `code` and without
 * its `detail`, which would bring stored values into logs.
 */
export interface SqlRunner {
  query<R extends object = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<SqlResult<R>>;
  /** drizzle's query builder. Its errors and values are those of `query`, except where a column's declaration says otherwise. */
  readonly orm: Orm;
}

export interface Sql extends SqlRunner {
  /**
   * Runs `work` in a transaction (read committed) on a connection of its own: committed when it resolves, rolled back when it rejects.
   * Where the connection is lost at the commit, the outcome is unknown and this rejects. Inside, only the runner handed in may be
   * used: any other use of the port is refused, as it would wait for itself on PGlite.
   */
  transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T>;
  /** Connects once. Rejects with `problem()`'s line where that fails. */
  check(): Promise<void>;
  /** Why the database cannot be used, as one line that names the variable to look at; null when all is well. */
  problem(): string | null;
  /** Where other threads and processes find the same database; with a password where there is one: never log it. */
  readonly url: string;
  /** Waits for what runs, and closes the connections; ends the embedded server where it was started here. */
  close(): Promise<void>;
}
