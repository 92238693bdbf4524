/**
 * The SQL port: one PostgreSQL database, for the operational data or the warehouse.
 *
 * The same code serves a PostgreSQL server and PGlite in a child process. PGlite has a single backend, so an open transaction
 * blocks every other user. Callers therefore keep transactions short and await only the database in them. They take locks with
 * `pg_advisory_xact_lock` only, and use no COPY, named statement, temporary table or SET.
 *
 * A pooler such as PgBouncer may give each transaction another connection to the server. So no state of a connection, such as a
 * setting or a lock, may last longer than a transaction.
 */
import type { Orm } from "./openOrm.ts";

export interface SqlResult<R> {
  readonly rows: R[];
  /** Rows returned, or affected by a statement that returns none. */
  readonly rowCount: number;
}

/**
 * Runs statements. `bigint` values are returned as BigInt, `numeric` and `date` as strings, `timestamptz` as a Date, `json` and
 * `jsonb` parsed, and all other types as node-postgres returns them. A wrong statement rejects with the error of node-postgres,
 * with PostgreSQL's `code` but without its `detail`, which would put stored values into logs. All other errors are
 * `DatabaseUnavailable`.
 */
export interface SqlRunner {
  query<R extends object = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<SqlResult<R>>;
  /**
   * drizzle's query builder. It returns the same values and errors as `query`, unless the declaration of a column changes a
   * value.
   */
  readonly orm: Orm;
}

export interface TransactionOptions {
  /** How long the transaction may take, including the wait for a connection. Default: the limit of a query. */
  readonly limitMs?: number;
  /**
   * Whether the caller reports a missing privilege itself. Then it is no problem of the database (`problem`), where it would stand
   * until this database's user runs the same statement, although another user may have done that.
   */
  readonly reportsDenied?: boolean;
}

/** Every query is a transaction of its own. If a transaction takes longer than its limit, it rejects, and the server stops it. */
export interface Sql extends SqlRunner {
  /**
   * Runs `work` in a read-committed transaction on its own connection. Commits when `work` resolves, and rolls back when it
   * rejects. If the connection is lost during the commit, this rejects and the outcome is unknown. `work` may use only the
   * runner that it is given: any other call of this port throws, because on PGlite it would deadlock.
   */
  transaction<T>(work: (tx: SqlRunner) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** Tests whether the database can be used, within a second. If not, rejects with one line that says why. */
  check(): Promise<void>;
  /**
   * Why the database cannot be used, as one line that names the environment variable; null while it works. A failure of reads
   * stands until a read succeeds, a failure of writes until a write succeeds, and a missing privilege until the same statement
   * succeeds.
   */
  problem(): string | null;
  /** URL of this database for other threads and processes. It may contain a password: never log it. */
  readonly url: string;
  /** Waits for running statements and closes the connections. Stops the embedded server if this object started it. */
  close(): Promise<void>;
}
