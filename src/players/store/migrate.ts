/** Owns bringing the operational database up to this build's tables, by one program at a time. */
import path from "node:path";
import { readMigrationFiles } from "drizzle-orm/migrator";
import type { Sql } from "../../platform/sql/Sql.ts";

const migrationsFolder = path.join(import.meta.dirname, "migrations");
/** Any constant that nothing else locks. */
const MIGRATION_LOCK = 0x68_79_70_6f;

/**
 * Applies the migrations that the database does not know yet, in order, all in one transaction under an advisory lock,
 * and makes sure that the database has a name and a season. Safe to run from any number of processes at once. Returns how many were applied.
 */
export function migrate(sql: Sql): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder });
  return sql.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    await tx.query(
      "create table if not exists applied_migrations (hash text primary key, applied_at timestamptz not null default now())",
    );
    const { rows } = await tx.query<{ hash: string }>("select hash from applied_migrations");
    const applied = new Set(rows.map(({ hash }) => hash));
    const missing = migrations.filter(({ hash }) => !applied.has(hash));
    for (const { hash, sql: statements } of missing) {
      for (const statement of statements) await tx.query(statement);
      await tx.query("insert into applied_migrations (hash) values ($1)", [hash]);
    }
    await tx.query("insert into store_identity (id) values (gen_random_uuid()::text) on conflict do nothing");
    await tx.query(
      "insert into seasons (id, name, starts_at) select 1, 'Season 1', '1970-01-01T00:00:00Z' where not exists (select from seasons)",
    );
    return missing.length;
  });
}
