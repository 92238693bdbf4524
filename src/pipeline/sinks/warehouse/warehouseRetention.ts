/** Deletes old days of the warehouse. The state is the row of the table `dw.retention_state`. */
import type { Sql } from "../../../platform/sql/Sql.ts";
import { ensureSchema, ensureTable } from "../ensureSchema.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import { Retention, type RetentionOptions, type RetentionState, type RetentionStore } from "../retention/Retention.ts";
import { ensureTables } from "./ensureTables.ts";
import { Partitions } from "./Partitions.ts";
import { SCHEMA } from "./Table.ts";
import { tablesOf } from "./tables.ts";

const NAME = "retention_state";
const TABLE = `${SCHEMA}.${NAME}`;

export function warehouseRetention(sql: Sql, partitions: Partitions, options: RetentionOptions): Retention {
  return new Retention("warehouse", partitions, new StateRow(sql), options);
}

/** Creates the tables that are missing, so that they can be read. */
export async function openWarehouseRetention(
  sql: Sql,
  catalogue: EventCatalogue,
  options: RetentionOptions,
): Promise<Retention> {
  const tables = tablesOf(catalogue).all;
  await ensureTables(sql, tables);
  return warehouseRetention(sql, new Partitions(sql, tables), options);
}

class StateRow implements RetentionStore {
  readonly #sql: Sql;
  #isReady = false;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async load(): Promise<RetentionState | null> {
    await this.#ensureTable();
    const { rows } = await this.#sql.query<{ state: string }>(`SELECT state::text AS state FROM ${TABLE}`);
    return rows.length === 0 ? null : JSON.parse(rows[0].state);
  }

  /** Does nothing if another process has stored a later limit. */
  async save(state: RetentionState): Promise<void> {
    await this.#ensureTable();
    await this.#sql.query(
      `INSERT INTO ${TABLE} AS stored (id, state) VALUES (1, $1::jsonb) ON CONFLICT (id) DO UPDATE SET state = excluded.state
       WHERE (stored.state->>'limitMs')::float8 <= (excluded.state->>'limitMs')::float8`,
      [JSON.stringify(state)],
    );
  }

  async #ensureTable(): Promise<void> {
    if (this.#isReady) return;
    await ensureSchema(this.#sql, SCHEMA, (tx) =>
      ensureTable(tx, SCHEMA, NAME, "id integer PRIMARY KEY CHECK (id = 1), state jsonb NOT NULL"),
    );
    this.#isReady = true;
  }
}
