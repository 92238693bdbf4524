import type pg from "pg";
import { stateOf } from "./faults.ts";

/** The server ends a transaction that is idle for this long. Otherwise a consumer that hangs would keep its row locks forever. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** A custom setting, which shows whether the server's connection has the settings with which it was opened. */
const MARK = "hypogeum.session";
const CHECK_LIMIT_MS = 5_000;
const PROTOCOL_VIOLATION = "08P01";

/**
 * The time zone and the time limits of the connections of one pool. A PostgreSQL server keeps the settings with which a connection
 * starts. A pooler such as PgBouncer refuses or ignores them, and may use another connection to the server for each transaction.
 * Then each transaction sets them, which makes a short query take more than twice as long.
 */
export class SessionSettings {
  readonly #limitMs: number;
  readonly #ownOptions: string;
  #perTransaction = false;
  #isKept = false;

  /**
   * @param limitMs the usual limit of a statement.
   * @param ownOptions the parameter `options` of the URL. It applies too, except where it contradicts these settings.
   */
  constructor(limitMs: number, ownOptions = "") {
    this.#limitMs = limitMs;
    this.#ownOptions = ownOptions;
  }

  /** For PGlite, which needs no settings: its process sets the time zone, and all connections share one backend. */
  static ofEmbedded(): SessionSettings {
    const settings = new SessionSettings(Number.POSITIVE_INFINITY);
    settings.#isKept = true;
    return settings;
  }

  /** The parameter `options` of a new connection. */
  get startOptions(): string | undefined {
    if (this.#isKept || this.#perTransaction) return this.#ownOptions || undefined;
    const idleMs = Math.min(IDLE_IN_TRANSACTION_MS, this.#limitMs);
    const settings = [
      ...["TimeZone=UTC", `statement_timeout=${this.#limitMs}`, `idle_in_transaction_session_timeout=${idleMs}`],
      `${MARK}=1`,
    ].map((setting) => `-c ${setting}`);
    // If a setting appears twice, the server uses the last value.
    return [...(this.#ownOptions === "" ? [] : [this.#ownOptions]), ...settings].join(" ");
  }

  /** Whether a connection could not be opened because of `startOptions`. If so, `startOptions` is undefined from now on. */
  areRefused(error: unknown): boolean {
    const refused = !this.#isKept && stateOf(error) === PROTOCOL_VIOLATION;
    if (refused) this.#perTransaction = true;
    return refused;
  }

  /** Finds out whether a new connection has the settings. */
  async check(client: Pick<pg.ClientBase, "query">): Promise<void> {
    if (this.#isKept || this.#perTransaction) return;
    const query_timeout = Math.min(CHECK_LIMIT_MS, this.#limitMs);
    const text = `SELECT current_setting('${MARK}', true) AS mark`;
    const { rows } = await client.query({ text, query_timeout } as pg.QueryConfig);
    if (rows[0].mark !== "1") this.#perTransaction = true;
  }

  /** Returns the statement that begins a transaction of at most `limitMs`. */
  begin(limitMs: number, idleMs = Math.min(IDLE_IN_TRANSACTION_MS, limitMs)): string {
    if (!this.mustSet(limitMs)) return "BEGIN";
    return (
      `BEGIN; SET LOCAL TimeZone = 'UTC'; SET LOCAL statement_timeout = ${limitMs}; ` +
      `SET LOCAL idle_in_transaction_session_timeout = ${idleMs}`
    );
  }

  /**
   * Whether a transaction of at most `limitMs` must set its own settings. A shorter limit needs none, because the client enforces
   * it.
   */
  mustSet(limitMs: number): boolean {
    return this.#perTransaction || (!this.#isKept && limitMs > this.#limitMs);
  }
}
