/** Collects events in tables of DuckDB, one per topic, and writes each to a Parquet file from time to time. One thread. */
import path from "node:path";
import {
  type DuckDBAppender,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
} from "@duckdb/node-api";
import type { KafkaMessage } from "kafkajs";
import { type BareTable, rowsOf, tableOf } from "./parquetTables.ts";

/** The most that a chunk of DuckDB can hold. */
const CHUNK_ROWS = 2048;

interface Open {
  readonly table: BareTable;
  readonly appender: DuckDBAppender;
  readonly types: readonly DuckDBType[];
  /** Rows that are not in DuckDB yet, by column. */
  readonly columns: DuckDBValue[][];
  rows: number;
}

export class ParquetFiles {
  readonly #duck: DuckDBConnection;
  readonly #folder: string;
  readonly #open: ReadonlyMap<string, Open>;
  #files = 0;

  private constructor(duck: DuckDBConnection, folder: string, open: ReadonlyMap<string, Open>) {
    this.#duck = duck;
    this.#folder = folder;
    this.#open = open;
  }

  static async open(folder: string, topics: readonly string[]): Promise<ParquetFiles> {
    const instance = await DuckDBInstance.create(":memory:", { threads: "1" });
    const duck = await instance.connect();
    const open = new Map<string, Open>();
    for (const topic of topics) {
      const table = tableOf(topic);
      await duck.run(
        `CREATE TABLE ${topic} (${table.columns.map(({ name, type }) => `"${name}" ${type}`).join(", ")})`,
      );
      const appender = await duck.createAppender(topic);
      const types = table.columns.map((_, at) => appender.columnType(at));
      open.set(topic, { table, appender, types, columns: table.columns.map(() => []), rows: 0 });
    }
    return new ParquetFiles(duck, folder, open);
  }

  add(topic: string, message: KafkaMessage, value: object): void {
    const open = this.#open.get(topic)!;
    rowsOf(open.table, message, value, open.columns);
    while (open.columns[0].length >= CHUNK_ROWS) append(open, CHUNK_ROWS);
  }

  async store(): Promise<void> {
    for (const [topic, open] of this.#open) {
      if (open.columns[0].length > 0) append(open, open.columns[0].length);
      if (open.rows === 0) continue;
      open.rows = 0;
      open.appender.flushSync();
      const file = path.join(this.#folder, `${topic}-${this.#files++}.parquet`);
      const columns = open.table.columns.map(({ name, stored = `"${name}"` }) => `${stored} AS "${name}"`).join(", ");
      await this.#duck.run(`COPY (SELECT ${columns} FROM ${topic}) TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
      await this.#duck.run(`TRUNCATE ${topic}`);
    }
  }

  async close(): Promise<void> {
    await this.store();
    this.#duck.closeSync();
  }
}

function append(open: Open, rows: number): void {
  const chunk = DuckDBDataChunk.create(open.types, rows);
  for (const [at, column] of open.columns.entries()) chunk.setColumnValues(at, column.splice(0, rows));
  open.appender.appendDataChunk(chunk);
  open.rows += rows;
}
