/**
 * Migrates the operational database to the tables of this build.
 *
 * Raw SQL: drizzle's builder does not support migrations, DDL, locks, or a `select` without a table.
 */
import path from "node:path";
import { sql as fragment } from "drizzle-orm";
import { type MigrationMeta, readMigrationFiles } from "drizzle-orm/migrator";
import { pgTable, text } from "drizzle-orm/pg-core";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { asOwner } from "./asOwner.ts";
import { fillNameKeys } from "./fillNameKeys.ts";
import { storeIdentity } from "./schema.ts";

const migrationsFolder = path.join(import.meta.dirname, "migrations");
/** Not part of the schema, because it must exist before the first migration. */
const appliedMigrations = pgTable("applied_migrations", { hash: text("hash").primaryKey() });
/** Long, because a migration may read and change whole tables, and may have to wait for a migration by another process. */
const LIMIT_MS = 600_000;
/** An arbitrary constant, used by no other advisory lock. */
const MIGRATION_LOCK = 0x68_79_70_6f;

/**
 * Applies the missing migrations in order, in one transaction under an advisory lock, and makes sure that the database has an
 * id and a season. Several processes may run it at the same time. Resolves to the number of migrations applied.
 */
export function migrate(sql: Sql): Promise<number> {
  const migrations = readMigrationFiles({ migrationsFolder });
  const options = { limitMs: LIMIT_MS, reportsDenied: true };
  return asOwner("npm run migrate", () => sql.transaction((tx) => applyMissing(tx, migrations), options));
}

/** If no migration is missing, needs only the privileges to read and write the tables. */
async function applyMissing(tx: SqlRunner, migrations: readonly MigrationMeta[]): Promise<number> {
  await tx.query("select pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
  const applied = await readApplied(tx);
  const missing = migrations.filter(({ hash }) => !applied.has(hash));
  for (const { hash, sql: statements } of missing) {
    for (const statement of statements) await tx.query(statement);
    await tx.orm.insert(appliedMigrations).values({ hash });
  }
  if (missing.length > 0) await fillNameKeys(tx);
  await tx.orm.insert(storeIdentity).values({ id: fragment`gen_random_uuid()::text` }).onConflictDoNothing();
  await tx.query(
    "insert into seasons (id, name, starts_at) select 1, 'Season 1', '1970-01-01T00:00:00Z' where not exists (select from seasons)",
  );
  return missing.length;
}

/** The hashes of the applied migrations. Creates their table if it is missing: IF NOT EXISTS would always need the privilege for that. */
async function readApplied(tx: SqlRunner): Promise<ReadonlySet<string>> {
  const { rowCount } = await tx.query(
    "select from pg_class where relname = 'applied_migrations' and pg_table_is_visible(oid)",
  );
  if (rowCount === 0)
    await tx.query(
      "create table applied_migrations (hash text primary key, applied_at timestamptz not null default now())",
    );
  const rows = await tx.orm.select({ hash: appliedMigrations.hash }).from(appliedMigrations);
  return new Set(rows.map(({ hash }) => hash));
}
