/**
 * The SQL port over node-postgres and drizzle-orm: the connections to one PostgreSQL server, or to PGlite behind its socket.
 * The code is the same for both, and does not know what is stored.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { type Orm, openOrm, type RunStatement, type Statement } from "./openOrm.ts";
import { type DatabaseLocation, describeProblem, isUnavailable, locationOf } from "./problem.ts";
import type { Sql, SqlResult, SqlRunner } from "./Sql.ts";

interface PgOptions {
  /** The environment variable that error messages name. */
  readonly variable: string;
  readonly url: string;
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
}

const { builtins } = pg.types;
const asText = (text: string) => text;

/** Dates stay text, because node-postgres would turn them into midnight in the local time zone. */
function parserOf(type: number, format?: "text" | "binary") {
  if (type === builtins.INT8) return BigInt;
  if (type === builtins.DATE) return asText;
  return pg.types.getTypeParser(type, format);
}

/** The server ends a transaction that is idle for this long. Otherwise a consumer that hangs would keep its row locks forever. */
const IDLE_IN_TRANSACTION_MS = 10_000;

async function run(client: pg.Pool | pg.PoolClient, { text, values, rowMode }: Statement): Promise<pg.QueryResult> {
  try {
    // The extended protocol, even without parameters: it allows one statement per call, on PostgreSQL and on PGlite.
    return await client.query({ text, values: [...values], rowMode, queryMode: "extended" } as pg.QueryConfig);
  } catch (error) {
    // The detail of PostgreSQL's error contains the refused row or key, and errors are logged.
    if (error instanceof pg.DatabaseError) delete error.detail;
    throw error;
  }
}

function resultOf<R extends object>({ rows, rowCount }: pg.QueryResult): SqlResult<R> {
  return { rows, rowCount: rowCount ?? 0 };
}

export class PgSql implements Sql {
  readonly url: string;
  readonly orm: Orm;
  readonly #location: DatabaseLocation;
  readonly #pool: pg.Pool;
  readonly #insideTransaction = new AsyncLocalStorage<true>();
  #problem: string | null = null;

  constructor(options: PgOptions) {
    this.#location = locationOf(options.variable, options.url);
    this.url = options.url;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.connectionsMax ?? 8,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
      keepAlive: true,
      options: `-c TimeZone=UTC -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // An idle connection was lost. The pool has already removed it.
    this.#pool.on("error", (error) => this.#noteProblem(error));
    this.orm = openOrm((statement) => this.#run(statement));
  }

  async query<R extends object>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
    return resultOf(await this.#run({ text, values: params }));
  }

  async transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> {
    this.#refuseInTransaction();
    return this.#track(async () => {
      const client = await this.#pool.connect();
      let broken: Error | undefined;
      const noteBroken = (error: Error) => {
        broken = error;
      };
      client.on("error", noteBroken);
      try {
        return await this.#insideTransaction.run(true, () => runTransaction(client, work));
      } catch (error) {
        // If the rollback fails too, the state of the connection is unknown, and the pool must not reuse it.
        await client.query("ROLLBACK").catch(noteBroken);
        throw error;
      } finally {
        client.off("error", noteBroken);
        client.release(broken);
      }
    });
  }

  async check(): Promise<void> {
    try {
      await this.query("SELECT 1");
    } catch (error) {
      this.#problem = describeProblem(error, this.#location);
      throw new Error(this.#problem, { cause: error });
    }
  }

  problem(): string | null {
    return this.#problem;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #run(statement: Statement): Promise<pg.QueryResult> {
    this.#refuseInTransaction();
    return this.#track(() => run(this.#pool, statement));
  }

  async #track<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#problem = null;
      return result;
    } catch (error) {
      this.#noteProblem(error);
      throw error;
    }
  }

  #noteProblem(error: unknown): void {
    if (isUnavailable(error)) this.#problem = describeProblem(error, this.#location);
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

async function runTransaction<T>(client: pg.PoolClient, work: (tx: SqlRunner) => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  const result = await work(runnerOver((statement) => run(client, statement)));
  await client.query("COMMIT");
  return result;
}
