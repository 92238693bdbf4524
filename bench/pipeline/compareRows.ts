/**
 * Compares what the program has stored with what the bare consumer has stored: number and checksum of the rows of each fact table,
 * and of each topic's Parquet files. The bare consumer stores a message again that the relay has sent again, so rows that it has
 * more than once count once.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { listFiles } from "../../src/pipeline/sinks/lake/lakeFiles.ts";
import { openObjectStore } from "../../src/platform/objectStore/openObjectStore.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { FACT_TABLES } from "../peers/bareConsumer/FactCopies.ts";

interface Stored {
  readonly rows: number;
  readonly checksum: string;
}

/** Rejects if the tables differ. Resolves to the number of facts. */
export async function compareFacts(warehouse: Sql): Promise<number> {
  let facts = 0;
  for (const table of FACT_TABLES) {
    const [ours, bare] = [await factsIn(warehouse, `dw.${table}`), await factsIn(warehouse, `bare.${table}`)];
    throwIfDifferent(table, ours, bare);
    facts += ours.rows;
  }
  return facts;
}

async function factsIn(warehouse: Sql, table: string): Promise<Stored> {
  const { rows } = await warehouse.query<{ rows: bigint; checksum: string | null }>(
    `SELECT count(*) AS rows, sum(hashtextextended(t::text, 0)::numeric)::text AS checksum
     FROM (SELECT DISTINCT * FROM ${table}) t`,
  );
  return { rows: Number(rows[0].rows), checksum: String(rows[0].checksum) };
}

interface Lake {
  /** Where the program's files are. */
  readonly env: Readonly<Record<string, string>>;
  readonly topics: readonly string[];
  /** With the bare consumer's files. */
  readonly folder: string;
}

/** Rejects if the files differ in a column of numbers, texts or times that both have. Resolves to the number of rows. */
export async function compareLake({ env, topics, folder }: Lake): Promise<number> {
  const copy = mkdtempSync(path.join(tmpdir(), "hypogeum-bench-lake-"));
  const duck = await (await DuckDBInstance.create(":memory:")).connect();
  let rows = 0;
  try {
    for (const topic of topics) {
      const hasOurs = await download(env, topic, path.join(copy, topic));
      const hasBare = readdirSync(folder).some((file) => file.startsWith(`${topic}-`));
      if (!hasOurs && !hasBare) continue;
      if (hasOurs !== hasBare) throw new Error(`only one side has files of ${topic}`);
      const [ours, bare] = [`${copy}/${topic}/*.parquet`, `${folder}/${topic}-*.parquet`];
      const columns = await sharedColumns(duck, ours, bare);
      const stored = await rowsIn(duck, ours, columns);
      throwIfDifferent(`${topic} (${columns.length} columns)`, stored, await rowsIn(duck, bare, columns));
      rows += stored.rows;
    }
  } finally {
    duck.closeSync();
    rmSync(copy, { recursive: true });
  }
  return rows;
}

async function download(env: Lake["env"], topic: string, folder: string): Promise<boolean> {
  const objects = openObjectStore(env, { path: "", variable: "DATA_DIR" });
  mkdirSync(folder);
  let count = 0;
  try {
    for await (const { key } of listFiles(objects, topic))
      writeFileSync(path.join(folder, `${count++}.parquet`), (await objects.get(key))!);
  } finally {
    await objects.close();
  }
  return count > 0;
}

const SCALAR = /^(VARCHAR|DATE|BOOLEAN|DOUBLE|TIMESTAMP|(BIG)?INT)/;
/** Offsets differ if a message was sent twice. */
const ORIGIN = new Set(["log_offset", "appended_at", "record_number", "outbox_id"]);
/** Each side has columns of its own for a part of the fields, and keeps the others here. */
const REST = new Set(["extra", "message_extra", "value"]);

/** The columns as text, in one order. */
async function sharedColumns(duck: DuckDBConnection, ours: string, bare: string): Promise<string[]> {
  const [one, other] = [await columnsOf(duck, ours), await columnsOf(duck, bare)];
  return [...one]
    .filter(([name, type]) => SCALAR.test(type) && SCALAR.test(other.get(name) ?? ""))
    .filter(([name]) => !ORIGIN.has(name) && !REST.has(name))
    .map(([name, type]) => (type.startsWith("TIMESTAMP") ? `epoch_ms("${name}")` : `"${name}"`))
    .sort();
}

async function columnsOf(duck: DuckDBConnection, files: string): Promise<Map<string, string>> {
  const reader = await duck.runAndReadAll(`DESCRIBE SELECT * FROM ${filesAsTable(files)}`);
  return new Map(reader.getRows().map(([name, type]) => [String(name), String(type)]));
}

async function rowsIn(duck: DuckDBConnection, files: string, columns: readonly string[]): Promise<Stored> {
  const text = columns.map((name) => `coalesce(${name}::VARCHAR, '-')`).join(" || ',' || ");
  const reader = await duck.runAndReadAll(
    `SELECT count(*), sum(hash(row)) FROM (SELECT DISTINCT ${text} AS row FROM ${filesAsTable(files)})`,
  );
  const [rows, checksum] = reader.getRows()[0];
  return { rows: Number(rows), checksum: String(checksum) };
}

const filesAsTable = (files: string): string =>
  `read_parquet('${files}', union_by_name = true, hive_partitioning = false)`;

function throwIfDifferent(what: string, ours: Stored, bare: Stored): void {
  if (ours.rows === bare.rows && ours.checksum === bare.checksum) return;
  throw new Error(
    `${what}: the program has stored ${ours.rows} rows with checksum ${ours.checksum}, the bare consumer ${bare.rows} with ${bare.checksum}`,
  );
}
