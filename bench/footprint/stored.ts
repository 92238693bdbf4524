/** Measures what is stored in Kafka, the lake and the warehouse. */
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { openObjectStore } from "../../src/platform/objectStore/openObjectStore.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";

/** Returns the size of the segment files of the namespace's topics, or 0 if the brokers run in containers. */
export function kafkaBytes(directory: string, namespace: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const topic = path.basename(entry.parentPath);
    if (entry.isFile() && entry.name.endsWith(".log") && topic.startsWith(`${namespace}logs_`))
      bytes += statSync(path.join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

export async function lakeBytes(env: Readonly<Record<string, string>>): Promise<number> {
  const objects = openObjectStore(env, { path: "", variable: "DATA_DIR" });
  let bytes = 0;
  for await (const { size } of objects.list("raw/")) bytes += size;
  await objects.close();
  return bytes;
}

const TABLES = `FROM pg_class c WHERE relnamespace = 'dw'::regnamespace AND relkind = 'r' AND relname ~ '^(fact|dim)_'`;

/** Bytes of all fact and dimension tables, including indexes, and their rows. */
export async function warehouseStored(warehouse: Sql): Promise<{ readonly bytes: number; readonly rows: number }> {
  const { rows } = await warehouse.query<{ name: string; bytes: string }>(
    `SELECT relname AS name, pg_total_relation_size(c.oid)::text AS bytes ${TABLES}`,
  );
  let bytes = 0;
  let count = 0;
  for (const table of rows) {
    bytes += Number(table.bytes);
    const { rows: counted } = await warehouse.query<{ count: string }>(
      `SELECT count(*)::text AS count FROM dw."${table.name}"`,
    );
    count += Number(counted[0].count);
  }
  return { bytes, rows: count };
}
