/** The rows of a row group, by column, as the Parquet reader returns them. */
import { zstdDecompressSync } from "node:zlib";
import { type FileMetaData, parquetRead } from "hyparquet";
import type { DecodedArray } from "hyparquet/src/types.js";
import type { asyncBuffer } from "./lakeFiles.ts";

export type Row = Readonly<Record<string, unknown>>;

export const compressors = { ZSTD: (bytes: Uint8Array) => zstdDecompressSync(bytes) };

const NO_VALUES: DecodedArray = [];

export interface OpenFile {
  readonly file: ReturnType<typeof asyncBuffer>;
  readonly metadata: FileMetaData;
}

/** The rows `from` to `to` (exclusive). */
export interface RowsOfGroup {
  readonly group: RowGroup;
  readonly from: number;
  readonly to: number;
}

export class RowGroup {
  /** Number of rows. */
  readonly length: number;
  readonly #columns: ReadonlyMap<string, DecodedArray>;

  private constructor(length: number, columns: ReadonlyMap<string, DecodedArray>) {
    this.length = length;
    this.#columns = columns;
  }

  /** Reads all columns of the rows `rowStart` to `rowEnd` (exclusive) of the file, which are a row group. */
  static async read({ file, metadata }: OpenFile, rowStart: number, rowEnd: number): Promise<RowGroup> {
    const pages = new Map<string, DecodedArray[]>();
    await parquetRead({
      ...{ file, metadata, rowStart, rowEnd, compressors },
      onChunk({ columnName, columnData }) {
        const ofColumn = pages.get(columnName);
        if (ofColumn === undefined) pages.set(columnName, [columnData]);
        else ofColumn.push(columnData);
      },
    });
    const columns = [...pages].map(([name, ofColumn]) => [name, joined(ofColumn)] as const);
    return new RowGroup(rowEnd - rowStart, new Map(columns));
  }

  /** Empty if the file does not have the column. */
  column(name: string): DecodedArray {
    return this.#columns.get(name) ?? NO_VALUES;
  }

  /** Parts of rows that follow each other and have the same value in this column, in their order. */
  *split(name: string): Iterable<RowsOfGroup> {
    const values = this.column(name);
    for (let from = 0; from < this.length; ) {
      let to = from + 1;
      while (to < this.length && values[to] === values[from]) to++;
      yield { group: this, from, to };
      from = to;
    }
  }

  /** A row with all of its columns. */
  rowAt(at: number): Row {
    const row: Record<string, unknown> = {};
    for (const [name, values] of this.#columns) row[name] = values[at];
    return row;
  }
}

function joined(pages: readonly DecodedArray[]): DecodedArray {
  return pages.length === 1 ? pages[0] : pages.flatMap((page) => Array.from<unknown>(page as never));
}
