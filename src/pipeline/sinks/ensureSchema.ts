/**
 * Creates a sink's schema with its table of offsets, under a lock: only one process at a time changes the schema, so several may
 * start together.
 *
 * Raw SQL: drizzle's builder does not create schemas or tables, take advisory locks or read PostgreSQL's catalogue.
 */
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { SKIPPED_COLUMNS } from "./SkippedOffsets.ts";
import { OFFSETS_COLUMNS } from "./StoredOffsets.ts";

/** Long, because a change may read whole tables, and may have to wait for a change by another process. */
export const SCHEMA_CHANGE = { limitMs: 600_000, reportsDenied: true };

/** Waits until `tx` is the only transaction that changes tables of `schema`. The lock is released at its end. */
export async function lockSchema(tx: SqlRunner, schema: string): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtext($1))", [`hypogeum ${schema} layout`]);
}

/** Creates what is missing, then runs `work` in the same transaction, under the lock. May be called any number of times. */
export async function ensureSchema(sql: Sql, schema: string, work: (tx: SqlRunner) => Promise<void>): Promise<void> {
  await sql.transaction(async (tx) => {
    await lockSchema(tx, schema);
    // Checked here, not with IF NOT EXISTS: after the wait for the lock, the connection may still have cached that there is no
    // such schema.
    const { rowCount } = await tx.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
    if (rowCount === 0) await tx.query(`CREATE SCHEMA ${schema}`);
    await ensureTable(tx, schema, "sink_offsets", OFFSETS_COLUMNS);
    await work(tx);
  }, SCHEMA_CHANGE);
}

/**
 * Creates the table unless it exists. `columns`: what CREATE TABLE has in parentheses. IF NOT EXISTS is not used: it needs the
 * privilege to create tables even if the table exists, and the server's user need not have it.
 */
export async function ensureTable(tx: SqlRunner, schema: string, table: string, columns: string): Promise<void> {
  if (!(await exists(tx, schema, table))) await tx.query(`CREATE TABLE ${schema}.${table} (${columns})`);
}

export function ensureSkippedTable(tx: SqlRunner, schema: string): Promise<void> {
  return ensureTable(tx, schema, "skipped_offsets", SKIPPED_COLUMNS);
}

/** Runs `create` unless the index exists. IF NOT EXISTS is not used, for the same reason. */
export async function ensureIndex(tx: SqlRunner, schema: string, index: string, create: string): Promise<void> {
  if (!(await exists(tx, schema, index))) await tx.query(create);
}

/** Whether the schema has a table or an index of this name. */
async function exists(tx: SqlRunner, schema: string, name: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    "SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
    [schema, name],
  );
  return rowCount !== 0;
}
