/** One connection of the pool, for one transaction of limited duration. */
import pg from "pg";
import { within } from "../async/waiting.ts";
import { connectFaultOf, faultOf, isReadOnly, stateOf, UNCONNECTED } from "./faults.ts";
import type { DatabaseLocation } from "./location.ts";
import type { Statement } from "./openOrm.ts";
import { unavailable } from "./problem.ts";
import type { SessionSettings } from "./SessionSettings.ts";
import { isRead, type StandingProblems } from "./StandingProblems.ts";

export interface ConnectionOptions {
  readonly location: DatabaseLocation;
  readonly problems: StandingProblems;
  readonly settings: SessionSettings;
  /** How long the transaction may take, including the wait for a connection. The server gives each statement as much. */
  readonly limitMs: number;
  /** Whether the caller reports a missing privilege, so that `problems` need not. */
  readonly reportsDenied?: boolean;
}

export class PgConnection {
  readonly #client: pg.PoolClient;
  readonly #options: ConnectionOptions;
  readonly #endsAt: number;
  #hasWritten = false;
  #broken: Error | undefined;
  readonly #noteBroken = (error: Error): void => {
    this.#broken ??= error;
  };

  private constructor(client: pg.PoolClient, options: ConnectionOptions, endsAt: number) {
    this.#client = client;
    this.#options = options;
    this.#endsAt = endsAt;
    client.on("error", this.#noteBroken);
  }

  /** Rejects with `DatabaseUnavailable`. */
  static async open(pool: pg.Pool, options: ConnectionOptions): Promise<PgConnection> {
    const { location, problems, limitMs, settings } = options;
    const endsAt = performance.now() + limitMs;
    const sent = pool.options.options;
    const connecting = pool.connect().catch((error) => {
      if (sent === undefined || !settings.areRefused(error)) throw error;
      pool.options.options = settings.startOptions;
      return pool.connect();
    });
    try {
      return new PgConnection(await within(limitMs, connecting, UNCONNECTED), options, endsAt);
    } catch (error) {
      connecting.then(
        (late) => late.release(),
        () => {},
      );
      const failure = unavailable(error, connectFaultOf(error), location, limitMs);
      problems.noteFailure(failure, "");
      throw failure;
    }
  }

  async begin(): Promise<void> {
    const { limitMs, settings } = this.#options;
    await this.#send({ text: settings.begin(limitMs) });
  }

  /** Runs one statement as a transaction of its own, without waiting for an answer in between. */
  async runAlone(statement: Statement): Promise<pg.QueryResult> {
    const { limitMs, settings } = this.#options;
    if (!settings.mustSet(limitMs)) {
      const result = await this.run(statement);
      if (this.#hasWritten) this.#options.problems.clear("writes");
      return result;
    }
    // Everything is sent at once, so the transaction is idle only if this process gets no CPU time.
    const begun = this.#send({ text: settings.begin(limitMs, limitMs) });
    const [first, result, last] = await Promise.allSettled([begun, this.run(statement), this.commit()]);
    for (const step of [first, result, last]) if (step.status === "rejected") throw step.reason;
    return (result as PromiseFulfilledResult<pg.QueryResult>).value;
  }

  async commit(): Promise<void> {
    await this.#send({ text: "COMMIT" });
    if (this.#hasWritten) this.#options.problems.clear("writes");
  }

  /** Does nothing if the connection is broken: closing it ends the transaction. */
  async rollback(): Promise<void> {
    if (this.#broken === undefined) await this.#send({ text: "ROLLBACK" }).catch(this.#noteBroken);
  }

  /** Uses the extended protocol, even without parameters: it allows one statement per call, on PostgreSQL and on PGlite. */
  async run({ text, values, rowMode }: Statement): Promise<pg.QueryResult> {
    const result = await this.#send({ text, values: [...values], rowMode, queryMode: "extended" } as pg.QueryConfig);
    if (!isRead(text)) this.#hasWritten = true;
    return result;
  }

  /** Returns the connection to the pool, or closes it if its state is unknown. */
  release(): void {
    this.#client.off("error", this.#noteBroken);
    this.#client.release(this.#broken);
  }

  /** Rejects with the error of the statement, or with `DatabaseUnavailable`. */
  async #send(query: pg.QueryConfig): Promise<pg.QueryResult> {
    // The driver closes the connection after this time. 0 would mean no limit.
    const query_timeout = Math.max(1, Math.ceil(this.#endsAt - performance.now()));
    const { problems } = this.#options;
    try {
      const result = await this.#client.query({ ...query, query_timeout } as pg.QueryConfig);
      problems.noteAnswer(query.text);
      return result;
    } catch (error) {
      throw this.#failureOf(error, query.text);
    }
  }

  #failureOf(error: unknown, statement: string): unknown {
    const { location, problems, limitMs, reportsDenied } = this.#options;
    const fault = faultOf(error);
    if (fault === "statement") {
      problems.noteAnswer(statement);
      // The detail of PostgreSQL's error contains the refused row or key, and errors are logged.
      if (error instanceof pg.DatabaseError) delete error.detail;
      return error;
    }
    const failure = unavailable(error, fault, location, limitMs);
    // When a connection fails, all statements that were sent fail. Only the error of the first shows the reason.
    const isReported = fault === "denied" && reportsDenied === true;
    if (this.#broken === undefined && !isReported) problems.noteFailure(failure, statement);
    // After a failover, connections to the former primary may stay open. So this one is closed, and the next transaction gets
    // another.
    if (stateOf(error) === null || isReadOnly(error)) this.#broken ??= error as Error;
    return failure;
  }
}
