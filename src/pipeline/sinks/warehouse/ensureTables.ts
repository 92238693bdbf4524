/**
 * Creates the warehouse's schema, tables and views, and adds new columns to tables. Nothing is removed from a table, because
 * processes with another build of the program can use the same tables. A repeated call changes nothing.
 */
import { createHash } from "node:crypto";
import { arrayOf, quoted } from "../../../platform/sql/arrays.ts";
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { Unrecoverable } from "../../log/EventLog.ts";
import { ensureSchema, ensureSkippedTable } from "../ensureSchema.ts";
import { type Column, SCHEMA, type Table } from "./Table.ts";
import { type View, views } from "./views.ts";

/** Table → column → type, as they are in the database. */
type ExistingColumns = Map<string, Map<string, string>>;

/** Rejects with `Unrecoverable` if a column exists with another type than this build writes. */
export async function ensureTables(sql: Sql, tables: readonly Table[]): Promise<void> {
  await ensureSchema(sql, SCHEMA, async (tx) => {
    await ensureSkippedTable(tx, SCHEMA);
    const existing = await readColumns(tx);
    for (const table of tables) await ensureTable(tx, table, existing.get(table.name));
    const columns = await readColumns(tx);
    for (const view of views) {
      if (hasNeededColumns(view, columns)) await ensureView(tx, view);
    }
  });
}

async function readColumns(tx: SqlRunner): Promise<ExistingColumns> {
  const { rows } = await tx.query<{ relation: string; name: string; type: string }>(
    `SELECT c.relname AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped`,
    [SCHEMA],
  );
  const existing: ExistingColumns = new Map();
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
  const alter = `ALTER TABLE ${SCHEMA}."${table.name}"`;
  if (initial === undefined) {
    await tx.query(`${alter} ADD COLUMN "${name}" ${type}`);
    return;
  }
  await tx.query(`${alter} ADD COLUMN "${name}" ${type} DEFAULT ${literalOf(type, initial)}`);
  await tx.query(`${alter} ALTER COLUMN "${name}" DROP DEFAULT`);
}

/** As SQL text, because DDL accepts no parameters. */
function literalOf(type: Column["type"], value: unknown): string {
  const text =
    type === "jsonb" ? JSON.stringify(value) : Array.isArray(value) ? arrayOf(value.map(quoted)) : String(value);
  return `'${text.replaceAll("'", "''")}'`;
}

function hasNeededColumns({ needs }: View, columns: ExistingColumns): boolean {
  return Object.entries(needs).every(([table, names]) => names.every((name) => columns.get(table)?.has(name)));
}

/**
 * The view's comment contains the hash of its query. The view is replaced only if this hash differs, because replacing a view
 * locks it for readers.
 */
async function ensureView(tx: SqlRunner, { name, about, query }: View): Promise<void> {
  const comment = `${about} [${createHash("sha256").update(query).digest("hex").slice(0, 16)}]`;
  const { rows } = await tx.query<{ comment: string | null }>(
    "SELECT obj_description(to_regclass($1), 'pg_class') AS comment",
    [`${SCHEMA}.${name}`],
  );
  if (rows[0].comment === comment) return;
  await tx.query(`DROP VIEW IF EXISTS ${SCHEMA}."${name}"`);
  await tx.query(`CREATE VIEW ${SCHEMA}."${name}" AS ${query}`);
  await tx.query(`COMMENT ON VIEW ${SCHEMA}."${name}" IS '${comment.replaceAll("'", "''")}'`);
}
