/** Raw SQL: drizzle's builder does not read PostgreSQL's catalogue and has no TRUNCATE. */
import { hasTable } from "../../platform/sql/hasTable.ts";
import type { Sql } from "../../platform/sql/Sql.ts";

/** Empties every table of the schema, including the offsets of its sinks. Does nothing if the schema does not exist. */
export async function clearTables(sql: Sql, schema: string): Promise<void> {
  const { rows } = await sql.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
    [schema],
  );
  if (rows.length > 0) await sql.query(`TRUNCATE ${rows.map(({ name }) => name).join(", ")}`);
}

/** Deletes the offsets that a sink has stored in the schema under this name. Does nothing if it has none. */
export async function clearOffsets(sql: Sql, schema: string, sink: string): Promise<void> {
  for (const table of ["sink_offsets", "skipped_offsets"]) {
    if (await hasTable(sql, `${schema}.${table}`))
      await sql.query(`DELETE FROM ${schema}.${table} WHERE sink = $1`, [sink]);
  }
}
