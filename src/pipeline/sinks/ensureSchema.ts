/**
 * Owns the beginning of a sink's schema in its database: the schema itself, its table of offsets, and the lock that lets one
 * builder at a time change what is in it.
 *
 * Raw SQL: definitions, the lock that they need, and PostgreSQL's own catalogue.
 */
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { offsetsTable } from "./StoredOffsets.ts";

/** Waits until `tx` is the only transaction that changes the layout of `schema`. */
export async function lockSchema(tx: SqlRunner, schema: string): Promise<void> {
  await tx.query("SELECT pg_advisory_xact_lock(hashtext($1))", [`hypogeum ${schema} layout`]);
}

/** Runs `work` as the only builder of `schema`. A repeated call finds everything there. */
export async function ensureSchema(sql: Sql, schema: string, work: (tx: SqlRunner) => Promise<void>): Promise<void> {
  await sql.transaction(async (tx) => {
    await lockSchema(tx, schema);
    // Not by IF NOT EXISTS: while this waited for the lock, its connection may still remember that there was no such schema.
    const { rowCount } = await tx.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
    if (rowCount === 0) await tx.query(`CREATE SCHEMA ${schema}`);
    await tx.query(offsetsTable(schema));
    await work(tx);
  });
}
