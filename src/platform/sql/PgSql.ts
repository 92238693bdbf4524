/**
 * Owns the connections to one PostgreSQL database, or to PGlite behind its socket: the SQL port over node-postgres and
 * drizzle-orm. The same code for both; nothing here knows what is stored.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import pg from "pg";
import { type Orm, openOrm, type RunStatement, type Statement } from "./openOrm.ts";
import { describeProblem, isUnavailable, type Place, placeOf } from "./problem.ts";
import type { Sql, SqlResult, SqlRunner } from "./Sql.ts";

interface PgOptions {
  /** The variable that problems name. */
  readonly variable: string;
  readonly url: string;
  readonly connectionsMax?: number;
  readonly connectTimeoutMs?: number;
}

const { builtins } = pg.types;
const asText = (text: string) => text;

/** Dates stay text: node-postgres would make midnights of the local time zone of them. */
function parserOf(type: number, format?: "text" | "binary") {
  if (type === builtins.INT8) return BigInt;
  if (type === builtins.DATE) return asText;
  return pg.types.getTypeParser(type, format);
}

/** A consumer that was stopped in its tracks must not hold its row locks for ever: the server ends such a transaction. */
const IDLE_IN_TRANSACTION_MS = 10_000;

async function run(client: pg.Pool | pg.PoolClient, { text, values, rowMode }: Statement): Promise<pg.QueryResult> {
  try {
    // Through the extended protocol even without parameters: one statement a call, here and on PGlite.
    return await client.query({ text, values: [...values], rowMode, queryMode: "extended" } as pg.QueryConfig);
  } catch (error) {
    // PostgreSQL's detail repeats the row or the key that it refuses, and errors end up in logs.
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
  readonly #place: Place;
  readonly #pool: pg.Pool;
  readonly #inside = new AsyncLocalStorage<true>();
  #problem: string | null = null;

  constructor(options: PgOptions) {
    this.#place = placeOf(options.variable, options.url);
    this.url = options.url;
    this.#pool = new pg.Pool({
      connectionString: options.url,
      max: options.connectionsMax ?? 8,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
      keepAlive: true,
      options: `-c TimeZone=UTC -c idle_in_transaction_session_timeout=${IDLE_IN_TRANSACTION_MS}`,
      types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
    });
    // An idle connection whose server went away; the pool has dropped it already.
    this.#pool.on("error", (error) => this.#note(error));
    this.orm = openOrm((statement) => this.#run(statement));
  }

  async query<R extends object>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
    return resultOf(await this.#run({ text, values: params }));
  }

  async transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> {
    this.#refuseInside();
    return this.#watched(async () => {
      const client = await this.#pool.connect();
      let broken: Error | undefined;
      const noteBroken = (error: Error) => {
        broken = error;
      };
      client.on("error", noteBroken);
      try {
        return await this.#inside.run(true, () => inTransaction(client, work));
      } catch (error) {
        // What state the connection is in is only known where the rollback went through.
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
      this.#problem = describeProblem(error, this.#place);
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
    this.#refuseInside();
    return this.#watched(() => run(this.#pool, statement));
  }

  async #watched<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#problem = null;
      return result;
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #note(error: unknown): void {
    if (isUnavailable(error)) this.#problem = describeProblem(error, this.#place);
  }

  #refuseInside(): void {
    if (this.#inside.getStore() === true)
      throw new Error("inside a transaction only its own runner may be used: another connection would wait for it");
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

async function inTransaction<T>(client: pg.PoolClient, work: (tx: SqlRunner) => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  const result = await work(runnerOver((statement) => run(client, statement)));
  await client.query("COMMIT");
  return result;
}
