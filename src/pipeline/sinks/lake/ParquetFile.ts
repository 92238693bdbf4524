/**
 * One Parquet file that is being written: rows in columns, encoded and compressed (zstd) one row group at a time, so that most of
 * the file is compressed in memory.
 */
import { constants, zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { AnyRows, type ColumnRows } from "./ColumnRows.ts";
import { type ColumnType, schemaElements } from "./columnTypes.ts";
import { DictionaryRows } from "./DictionaryRows.ts";
import { Int32Rows } from "./Int32Rows.ts";
import type { LakeColumn } from "./lakeTables.ts";
import { writeRowGroup } from "./writeRowGroup.ts";

const GROUP_ROWS = 65_536;
/** A row group also ends at this size. */
const GROUP_BYTES = 16 * 2 ** 20;
/** Most ids are 36 characters long. Statistics that are not truncated let readers skip row groups by id. */
const STATISTICS_LENGTH = 64;
const COMPRESSION_LEVEL = 3;
/** Estimated memory of a row before it is encoded, in addition to its JSON text. */
const ROW_OVERHEAD_BYTES = 200;

function zstd(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL } });
}

export class ParquetFile {
  /** The rows that are not encoded yet. Callers add to every column, then call `onRowsAdded`. */
  readonly columns: readonly ColumnRows[];
  readonly #names: readonly string[];
  readonly #writer = new ByteWriter(2 ** 16);
  readonly #parquet: ParquetWriter;
  #waitingBytes = 0;

  constructor(columns: readonly LakeColumn[]) {
    this.#names = columns.map(({ name }) => name);
    this.columns = columns.map(({ type }) => rowsOf(type));
    this.#parquet = new ParquetWriter({
      writer: this.#writer,
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.flatMap(({ name, type, required }) => schemaElements(name, type, required)),
      ],
      codec: "ZSTD",
      compressors: { ZSTD: zstd },
      statisticsTruncateLength: STATISTICS_LENGTH,
      createdBy: "hypogeum",
    });
  }

  /** Bytes of the file so far, without the rows that are not encoded yet. */
  get encodedBytes(): number {
    return this.#writer.offset;
  }

  /** Estimate of the memory that the file uses. */
  get memoryBytes(): number {
    return this.#writer.offset + this.#waitingBytes + this.columns[0].length * ROW_OVERHEAD_BYTES;
  }

  /** Call this after rows with `bytes` of JSON were added to every column. May encode a row group. */
  onRowsAdded(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.columns[0].length >= GROUP_ROWS || this.#waitingBytes >= GROUP_BYTES) this.#encode();
  }

  /** Returns the complete file. Nothing may be added afterwards. */
  finish(metadata: Readonly<Record<string, string>>): Uint8Array {
    this.#encode();
    this.#parquet.kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }));
    this.#parquet.finish();
    return this.#writer.getBytes();
  }

  #encode(): void {
    if (this.columns[0].length === 0) return;
    writeRowGroup(
      this.#parquet,
      this.columns.map((rows, at) => [this.#names[at], rows] as const),
    );
    for (const column of this.columns) column.clear();
    this.#waitingBytes = 0;
  }
}

function rowsOf(type: ColumnType): ColumnRows {
  if (type === "text" || type === "json") return new DictionaryRows("text");
  if (type === "int64" || type === "timestamp") return new DictionaryRows("number");
  return type === "int32" || type === "date" ? new Int32Rows() : new AnyRows();
}
