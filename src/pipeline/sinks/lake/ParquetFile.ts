/**
 * Owns one Parquet file in the making: rows in columns, encoded and compressed (zstd) a row group at a time, so that what
 * waits in memory is mostly compressed bytes. Knows columns, not messages.
 */
import { constants, zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { schemaElements } from "./columnTypes.ts";
import type { LakeColumn } from "./lakeTables.ts";

const GROUP_ROWS = 65_536;
/** Row groups end earlier where their rows are large. */
const GROUP_BYTES = 16 * 2 ** 20;
/** A match id and most others are 36 long: bounds in full let readers skip groups. */
const STATISTICS_LENGTH = 64;
const COMPRESSION_LEVEL = 3;
/** What a row costs in memory before it is encoded, above its JSON text. */
const ROW_OVERHEAD_BYTES = 200;

function zstd(bytes: Uint8Array): Uint8Array {
  return zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: COMPRESSION_LEVEL } });
}

export class ParquetFile {
  /** One list a column; the rows that are not encoded yet. */
  readonly columns: unknown[][];
  readonly #names: readonly string[];
  readonly #writer = new ByteWriter(2 ** 16);
  readonly #parquet: ParquetWriter;
  #waitingBytes = 0;

  constructor(columns: readonly LakeColumn[]) {
    this.#names = columns.map(({ name }) => name);
    this.columns = columns.map(() => []);
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

  /** Bytes of the file so far, without the rows that wait. */
  get encodedBytes(): number {
    return this.#writer.offset;
  }

  /** Estimate of what the file holds in memory. */
  get memoryBytes(): number {
    return this.#writer.offset + this.#waitingBytes + this.columns[0].length * ROW_OVERHEAD_BYTES;
  }

  /** To be called after rows of `bytes` of JSON were added to every column. */
  added(bytes: number): void {
    this.#waitingBytes += bytes;
    if (this.columns[0].length >= GROUP_ROWS || this.#waitingBytes >= GROUP_BYTES) this.#encode();
  }

  /** The whole file; nothing may be added afterwards. */
  finish(metadata: Readonly<Record<string, string>>): Uint8Array {
    this.#encode();
    this.#parquet.kvMetadata = Object.entries(metadata).map(([key, value]) => ({ key, value }));
    this.#parquet.finish();
    return this.#writer.getBytes();
  }

  #encode(): void {
    const rows = this.columns[0].length;
    if (rows === 0) return;
    const columnData = this.#names.map((name, index) => ({ name, data: this.columns[index] }));
    this.#parquet.write({ columnData, rowGroupSize: rows });
    for (const column of this.columns) column.length = 0;
    this.#waitingBytes = 0;
  }
}
