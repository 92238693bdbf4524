/**
 * Creates the warehouse's schema and tables, and adds new columns to tables. Nothing is removed from a table, because processes
 * with another build of the program can use the same tables. A repeated call changes nothing.
 */
import { arrayOf, quoted } from "../../../platform/sql/arrays.ts";
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { Unrecoverable } from "../../log/EventLog.ts";
import { ensureSchema, ensureSkippedTable } from "../ensureSchema.ts";
import { alter, limitLockWaits, namingUsers } from "./lockWaits.ts";
import { type Column, SCHEMA, type Table } from "./Table.ts";

/** Longer than for what can be done later, because no fact can be stored without the column. */
const COLUMN_WAIT_MS = 10_000;

/** Table → column → type, as they are in the database. */
export type ExistingColumns = ReadonlyMap<string, ReadonlyMap<string, string>>;

/**
 * Rejects with `Unrecoverable` if a column exists with another type than this build writes, and with `StillInUse` if a table that
 * needs a new column is in use.
 */
export async function ensureTables(sql: Sql, tables: readonly Table[]): Promise<void> {
  const ensureAll = async (tx: SqlRunner): Promise<void> => {
    await limitLockWaits(tx, COLUMN_WAIT_MS);
    await ensureSkippedTable(tx, SCHEMA);
    const existing = await readColumns(tx);
    for (const table of tables) await ensureTable(tx, table, existing.get(table.name));
  };
  await namingUsers(sql, () => ensureSchema(sql, SCHEMA, ensureAll));
}

export async function readColumns(tx: SqlRunner): Promise<ExistingColumns> {
  const { rows } = await tx.query<{ relation: string; name: string; type: string }>(
    `SELECT c.relname AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped`,
    [SCHEMA],
  );
  const existing = new Map<string, Map<string, string>>();
  for (const { relation, name, type } of rows) {
    const columns = existing.get(relation) ?? new Map<string, string>();
    existing.set(relation, columns.set(name, type));
  }
  return existing;
}

async function ensureTable(
  tx: SqlRunner,
  table: Table,
  existing: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  if (existing === undefined) {
    const columns = table.columns.map(({ name, type }) => `"${name}" ${type}`);
    const partitioned = table.partitionedByDay ? " PARTITION BY RANGE (event_date)" : "";
    await tx.query(
      `CREATE TABLE ${SCHEMA}."${table.name}" (${columns.join(", ")}, PRIMARY KEY (${table.key.join(", ")}))${partitioned}`,
    );
    return;
  }
  for (const column of table.columns) {
    const { name, type } = column;
    const existingType = existing.get(name);
    if (existingType === undefined) await addColumn(tx, table, column);
    else if (existingType !== type)
      throw new Unrecoverable(
        `WAREHOUSE_URL: column ${SCHEMA}.${table.name}.${name} has type ${existingType}, expected ${type}: rename the old column`,
      );
  }
}

/**
 * Existing rows get the default with which older events are read. PostgreSQL stores it once, and rewrites no row. It is then
 * dropped: an older build that does not know the column stores the field in `extra`, and the column must not claim a value.
 */
async function addColumn(tx: SqlRunner, table: Table, { name, type, initial }: Column): Promise<void> {
  const change = `ALTER TABLE ${SCHEMA}."${table.name}"`;
  const initially = initial === undefined ? "" : ` DEFAULT ${literalOf(type, initial)}`;
  const add = `${change} ADD COLUMN "${name}" ${type}${initially}`;
  await alter(tx, `${SCHEMA}.${table.name}`, `get the new column ${name}`, add);
  if (initial !== undefined) await tx.query(`${change} ALTER COLUMN "${name}" DROP DEFAULT`);
}

/** As SQL text, because DDL accepts no parameters. */
function literalOf(type: Column["type"], value: unknown): string {
  const text =
    type === "jsonb" ? JSON.stringify(value) : Array.isArray(value) ? arrayOf(value.map(quoted)) : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}
