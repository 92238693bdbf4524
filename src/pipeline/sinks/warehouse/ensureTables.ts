/**
 * Owns the shape of the warehouse in the database: brings schema, tables, new columns and views up to what this build
 * writes. Only ever adds: another build may be at work on the same tables. A repeated call changes nothing.
 */
import { createHash } from "node:crypto";
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { Unrecoverable } from "../../log/Log.ts";
import { ensureSchema } from "../ensureSchema.ts";
import { SCHEMA, type Table } from "./Table.ts";
import { type View, views } from "./views.ts";

/** `table` → `column` → type, as they stand in the database. */
type Standing = Map<string, Map<string, string>>;

/** Throws `Unrecoverable` where a column stands with another type than this build writes. */
export async function ensureTables(sql: Sql, tables: readonly Table[]): Promise<void> {
  await ensureSchema(sql, SCHEMA, async (tx) => {
    const standing = await readStanding(tx);
    for (const table of tables) await ensureTable(tx, table, standing.get(table.name));
    const columns = await readStanding(tx);
    for (const view of views) {
      if (canStand(view, columns)) await ensureView(tx, view);
    }
  });
}

async function readStanding(tx: SqlRunner): Promise<Standing> {
  const { rows } = await tx.query<{ relation: string; name: string; type: string }>(
    `SELECT c.relname AS relation, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped`,
    [SCHEMA],
  );
  const standing: Standing = new Map();
  for (const { relation, name, type } of rows) {
    const columns = standing.get(relation) ?? new Map<string, string>();
    standing.set(relation, columns.set(name, type));
  }
  return standing;
}

async function ensureTable(
  tx: SqlRunner,
  table: Table,
  standing: ReadonlyMap<string, string> | undefined,
): Promise<void> {
  if (standing === undefined) {
    const columns = table.columns.map(({ name, type }) => `"${name}" ${type}`);
    const partitioned = table.byDay ? " PARTITION BY RANGE (event_date)" : "";
    await tx.query(
      `CREATE TABLE ${SCHEMA}."${table.name}" (${columns.join(", ")}, PRIMARY KEY (${table.key.join(", ")}))${partitioned}`,
    );
    return;
  }
  for (const { name, type } of table.columns) {
    const stands = standing.get(name);
    if (stands === undefined) await tx.query(`ALTER TABLE ${SCHEMA}."${table.name}" ADD COLUMN "${name}" ${type}`);
    else if (stands !== type)
      throw new Unrecoverable(`WAREHOUSE_URL: ${SCHEMA}.${table.name}.${name} is ${stands}, this build writes ${type}`);
  }
}

function canStand({ needs }: View, columns: Standing): boolean {
  return Object.entries(needs).every(([table, names]) => names.every((name) => columns.get(table)?.has(name)));
}

/** A view's comment holds the hash of its text, so that it is replaced, and locked, only when it changes. */
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
