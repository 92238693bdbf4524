/**
 * The SQL port over node-postgres and drizzle-orm: the connections to one PostgreSQL server, or to PGlite behind its socket.
 * The code is the same for both, and does not know what is stored.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { DatabaseUnavailable } from "./DatabaseUnavailable.ts";
import { connectFaultOf } from "./faults.ts";
import { type DatabaseLocation, driverUrlOf, locationOf } from "./location.ts";
import { type Orm, openOrm, type RunStatement, type Statement } from "./openOrm.ts";
import { type ConnectionOptions, PgConnection } from "./PgConnection.ts";
import { readOnlyLine, unavailable } from "./problem.ts";
import { SessionSettings } from "./SessionSettings.ts";
import type { Sql, SqlResult, SqlRunner, TransactionOptions } from "./Sql.ts";
import { type ProblemListener, StandingProblems } from "./StandingProblems.ts";

export interface PgOptions {
  /** The environment variable that error messages name. */
  readonly variable: string;
  readonly url: string;
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
  /** How long a query or a transaction may take, including the wait for a connection. */
  readonly limitMs?: number;
  readonly onProblem?: ProblemListener;
  /** Whether the server is PGlite. */
  readonly isEmbedded?: boolean;
}

const CONNECT_TIMEOUT_MS = 5_000;
const LIMIT_MS = 60_000;
const CHECK_LIMIT_MS = 1_000;

const READ_ONLY: Statement = { text: "SELECT current_setting('transaction_read_only') AS read_only", values: [] };
/** A write that needs space on the disk, and that leaves nothing behind. */
const TRIAL_WRITE: Statement = {
  text: "CREATE TEMPORARY TABLE hypogeum_trial ON COMMIT DROP AS SELECT repeat('x', 1000) FROM generate_series(1, 100)",
  values: [],
};

const { builtins } = pg.types;
const asText = (text: string) => text;

/** Dates stay text, because node-postgres would turn them into midnight in the local time zone. */
function parserOf(type: number, format?: "text" | "binary") {
  if (type === builtins.INT8) return BigInt;
  if (type === builtins.DATE) return asText;
  return pg.types.getTypeParser(type, format);
}

function resultOf<R extends object>({ rows, rowCount }: pg.QueryResult): SqlResult<R> {
  return { rows, rowCount: rowCount ?? 0 };
}

export class PgSql implements Sql {
  readonly url: string;
  readonly orm: Orm;
  readonly #location: DatabaseLocation;
  readonly #limitMs: number;
  readonly #pool: pg.Pool;
  readonly #settings: SessionSettings;
  readonly #problems: StandingProblems;
  readonly #insideTransaction = new AsyncLocalStorage<true>();

  constructor(options: PgOptions) {
    const { variable, url, limitMs = LIMIT_MS, onProblem = () => {} } = options;
    this.#location = locationOf(variable, url);
    this.url = url;
    this.#limitMs = limitMs;
    const driver = driverUrlOf(variable, url);
    this.#problems = new StandingProblems(onProblem);
    this.#settings = options.isEmbedded ? SessionSettings.ofEmbedded() : new SessionSettings(limitMs, driver.options);
    this.#pool = new pg.Pool({
      connectionString: driver.connectionString,
      max: options.connectionsMax ?? 8,
      connectionTimeoutMillis: Math.min(options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS, limitMs),
      keepAlive: true,
      pipeline: true,
      options: this.#settings.startOptions,
      onConnect: (client) => this.#settings.check(client),
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    } as pg.PoolConfig);
    // An idle connection was lost. The pool has already removed it.
    this.#pool.on("error", (error) =>
      this.#problems.noteFailure(unavailable(error, connectFaultOf(error), this.#location, limitMs), ""),
    );
    this.orm = openOrm((statement) => this.#run(statement));
  }

  async query<R extends object>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
    return resultOf(await this.#run({ text, values: params }));
  }

  async transaction<T>(work: (tx: SqlRunner) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.#refuseInTransaction();
    const { limitMs = this.#limitMs, reportsDenied } = options;
    const run = (connection: PgConnection) => this.#insideTransaction.run(true, () => runTransaction(connection, work));
    return this.#connected(limitMs, run, { reportsDenied });
  }

  async check(): Promise<void> {
    const { rows } = await this.#run(READ_ONLY, CHECK_LIMIT_MS);
    if (rows[0].read_only === "on") this.#problems.note("writes", readOnlyLine(this.#location));
    else if (this.#problems.has("writes")) await this.#tryWrite();
    const line = this.problem();
    if (line !== null) throw new DatabaseUnavailable(line, "database");
  }

  problem(): string | null {
    return this.#problems.first();
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #run(statement: Statement, limitMs = this.#limitMs): Promise<pg.QueryResult> {
    this.#refuseInTransaction();
    // While the database is known not to answer, callers that can continue without it should not wait long each time.
    const shorterMs = this.#problems.has("reads") ? Math.min(limitMs, CHECK_LIMIT_MS) : limitMs;
    return this.#connected(shorterMs, (connection) => connection.runAlone(statement));
  }

  async #connected<T>(
    limitMs: number,
    work: (connection: PgConnection) => Promise<T>,
    { problems = this.#problems, reportsDenied }: Partial<ConnectionOptions> = {},
  ): Promise<T> {
    const connection = await PgConnection.open(this.#pool, {
      ...{ location: this.#location, settings: this.#settings },
      ...{ problems, limitMs, reportsDenied },
    });
    try {
      return await work(connection);
    } finally {
      connection.release();
    }
  }

  /** Clears a problem of writes if a trial write succeeds. If it fails, nothing follows: the user may lack the privilege for it. */
  async #tryWrite(): Promise<void> {
    const problems = new StandingProblems(() => {});
    await this.#connected(CHECK_LIMIT_MS, (connection) => connection.runAlone(TRIAL_WRITE), { problems }).then(
      () => this.#problems.clear("writes"),
      () => {},
    );
  }

  #refuseInTransaction(): void {
    if (this.#insideTransaction.getStore() === true)
      throw new Error(
        "the database was used inside a transaction without its runner, which deadlocks on PGlite: use the runner that transaction() passes",
      );
  }
}

export function runnerOver(run: RunStatement): SqlRunner {
  let orm: Orm | null = null;
  return {
    query: async (text, params = []) => resultOf(await run({ text, values: params })),
    get orm() {
      return (orm ??= openOrm(run));
    },
  };
}

async function runTransaction<T>(connection: PgConnection, work: (tx: SqlRunner) => Promise<T>): Promise<T> {
  try {
    await connection.begin();
    const result = await work(runnerOver((statement) => connection.run(statement)));
    await connection.commit();
    return result;
  } catch (error) {
    await connection.rollback();
    throw error;
  }
}
