/** A local copy of a run's lake, from any object store, with DuckDB to query it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { openObjectStore } from "../../src/platform/objectStore/openObjectStore.ts";

export interface LakeCopy {
  readonly directory: string;
  /** `raw.TOPIC` means all files of a topic. 64-bit integers are returned as strings. */
  ask(query: string): Promise<Record<string, any>[]>;
  close(): void;
}

/** @param env the variables that name the bucket. */
export async function lakeOf(env: Readonly<Record<string, string>>): Promise<LakeCopy> {
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
  const objects = openObjectStore(env, { path: "", variable: "DATA_DIR" });
  for await (const { key } of objects.list("raw/")) {
    mkdirSync(path.join(directory, path.dirname(key)), { recursive: true });
    writeFileSync(path.join(directory, key), (await objects.get(key))!);
  }
  await objects.close();
  const duck: DuckDBConnection = await (await DuckDBInstance.create(":memory:")).connect();
  const filesOf = (topic: string) =>
    `read_parquet('${directory}/raw/${topic}/**/*.parquet', hive_partitioning = true, union_by_name = true)`;
  return {
    directory,
    ask: async (query) => {
      const answer = await duck.runAndReadAll(query.replace(/\braw\.(\w+)/g, (_, topic) => filesOf(topic)));
      return answer.getRowObjectsJson() as Record<string, any>[];
    },
    close() {
      duck.closeSync();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
