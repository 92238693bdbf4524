/**
 * Stores the state of a retention in a database, as the only row of a table.
 *
 * Raw SQL: drizzle's builder does not create tables.
 */
import type { Sql } from "../../../platform/sql/Sql.ts";
import { ensureSchema, ensureTable } from "../ensureSchema.ts";
import type { RetentionState, RetentionStore } from "./Retention.ts";

export class RetentionRow implements RetentionStore {
  readonly #sql: Sql;
  readonly #schema: string;
  readonly #name: string;
  readonly #table: string;
  #isReady = false;

  constructor(sql: Sql, schema: string, table: string) {
    this.#sql = sql;
    this.#schema = schema;
    this.#name = table;
    this.#table = `${schema}.${table}`;
  }

  async load(): Promise<RetentionState | null> {
    await this.#ensureTable();
    const { rows } = await this.#sql.query<{ state: string }>(`SELECT state::text AS state FROM ${this.#table}`);
    return rows.length === 0 ? null : JSON.parse(rows[0].state);
  }

  /** Does nothing if another process has stored a later limit. */
  async save(state: RetentionState): Promise<void> {
    await this.#ensureTable();
    await this.#sql.query(
      `INSERT INTO ${this.#table} AS stored (id, state) VALUES (1, $1::jsonb) ON CONFLICT (id) DO UPDATE SET state = excluded.state
       WHERE (stored.state->>'limitMs')::float8 <= (excluded.state->>'limitMs')::float8`,
      [JSON.stringify(state)],
    );
  }

  async #ensureTable(): Promise<void> {
    if (this.#isReady) return;
    await ensureSchema(this.#sql, this.#schema, (tx) =>
      ensureTable(tx, this.#schema, this.#name, "id integer PRIMARY KEY CHECK (id = 1), state jsonb NOT NULL"),
    );
    this.#isReady = true;
  }
}
