import path from "node:path";
import type { Config } from "../../platform/config/readConfig.ts";
import type { Health } from "../../platform/health/Health.ts";
import { openSql } from "../../platform/sql/openSql.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { reportDatabase } from "../health/reportDatabase.ts";

export interface Stores {
  readonly operational: Sql;
  /** How other threads of this process connect to each database. */
  readonly locations: Readonly<
    Record<"operational" | "warehouse", { readonly url: string; readonly variable: string }>
  >;
  readonly embedded: boolean;
  close(): Promise<void>;
}

/** Players wait for these queries. Without an answer they can still play as guests, unrated, so a long wait would not help. */
const LIMIT_MS = 5_000;
/** The embedded database does one thing at a time, so a query may wait for a large transaction of the sinks. */
const EMBEDDED_LIMIT_MS = 30_000;

/**
 * Connects lazily to the configured databases; without DATABASE_URL, starts one embedded database for everything. Null for a
 * process that is only a relay.
 */
export async function openStores(
  { databaseUrl, warehouseUrl, dataDir, roles }: Config,
  health: Health,
): Promise<Stores | null> {
  if (roles.every((role) => role === "relay")) return null;
  const embedded = databaseUrl === undefined;
  // Guests can play without it, unrated.
  const onProblem = reportDatabase(health, "operational database", null);
  const operational = await openSql(
    embedded
      ? { embedded: path.join(dataDir, "sql"), limitMs: EMBEDDED_LIMIT_MS, onProblem }
      : { variable: "DATABASE_URL", url: databaseUrl, limitMs: LIMIT_MS, onProblem },
  );
  const database = { url: operational.url, variable: embedded ? "DATA_DIR" : "DATABASE_URL" };
  const warehouse = warehouseUrl === undefined ? database : { url: warehouseUrl, variable: "WAREHOUSE_URL" };
  return { operational, embedded, locations: { operational: database, warehouse }, close: () => operational.close() };
}
