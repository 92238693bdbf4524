/** Owns the choice of databases: those that the configuration names, or one embedded PGlite for everything. */
import path from "node:path";
import type { Config } from "../../platform/config/readConfig.ts";
import { openSql } from "../../platform/sql/openSql.ts";
import type { Sql } from "../../platform/sql/Sql.ts";

export interface Stores {
  readonly operational: Sql;
  /** Where threads of this program find each database. */
  readonly locations: Readonly<
    Record<"operational" | "warehouse", { readonly url: string; readonly variable: string }>
  >;
  readonly embedded: boolean;
  close(): Promise<void>;
}

/** Starts the embedded database where DATABASE_URL is not set; else connects lazily. A relay alone needs none: null. */
export async function openStores({ databaseUrl, warehouseUrl, dataDir, roles }: Config): Promise<Stores | null> {
  if (roles.every((role) => role === "relay")) return null;
  const embedded = databaseUrl === undefined;
  const operational = await openSql(
    embedded ? { embedded: path.join(dataDir, "sql") } : { variable: "DATABASE_URL", url: databaseUrl },
  );
  const database = { url: operational.url, variable: embedded ? "DATA_DIR" : "DATABASE_URL" };
  const warehouse = warehouseUrl === undefined ? database : { url: warehouseUrl, variable: "WAREHOUSE_URL" };
  return { operational, embedded, locations: { operational: database, warehouse }, close: () => operational.close() };
}
