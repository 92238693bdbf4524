import type pg from "pg";
import { stateOf } from "./faults.ts";

/** The server ends a transaction that is idle for this long. Otherwise a consumer that hangs would keep its row locks forever. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** A setting of our own, which shows whether the server's connection has the settings of ours. */
const MARK = "hypogeum.session";
const CHECK_LIMIT_MS = 5_000;
const PROTOCOL_VIOLATION = "08P01";

/**
 * Time zone and time limits of the connections of one pool. A server keeps those that a connection starts with. A pooler such as
 * PgBouncer refuses or ignores them, and may give each transaction another connection to the server. Then each transaction sets
 * them, which costs more than twice the time of a short query.
 */
export class SessionSettings {
  readonly #limitMs: number;
  #perTransaction = false;
  #isKept = false;

  /** @param limitMs the usual limit of a statement. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** For PGlite: its process sets the time zone, and all connections share one backend. */
  static ofEmbedded(): SessionSettings {
    const settings = new SessionSettings(Number.POSITIVE_INFINITY);
    settings.#isKept = true;
    return settings;
  }

  /** The parameter `options` of a new connection. */
  get startOptions(): string | undefined {
    if (this.#isKept || this.#perTransaction) return undefined;
    const idleMs = Math.min(IDLE_IN_TRANSACTION_MS, this.#limitMs);
    return [
      ...["TimeZone=UTC", `statement_timeout=${this.#limitMs}`, `idle_in_transaction_session_timeout=${idleMs}`],
      `${MARK}=1`,
    ]
      .map((setting) => `-c ${setting}`)
      .join(" ");
  }

  /** Whether a connection could not be opened because of `startOptions`. Then another one is opened without them. */
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

  /** Whether a transaction of at most `limitMs` needs other settings than its connection has. A shorter limit is kept by the client. */
  mustSet(limitMs: number): boolean {
    return this.#perTransaction || (!this.#isKept && limitMs > this.#limitMs);
  }
}
