/** The values of one column of a file that are not encoded yet: rows that are added, then encoded together as a column chunk. */
import type { DecodedArray, MinMaxType } from "hyparquet/src/types.js";

/** The values of a column, prepared so that no further look at each of them is needed. */
export interface EncodedRows {
  /** The different values, each of which occurs at least once; null: `values` are the values themselves, not positions in it. */
  readonly dictionary: DecodedArray | null;
  /** Without nulls. */
  readonly values: Int32Array | BigInt64Array;
  /** By row: 0 for null, otherwise 1. */
  readonly definitionLevels: number[];
  readonly nulls: number;
  /** Undefined without values. */
  readonly min: MinMaxType | undefined;
  readonly max: MinMaxType | undefined;
}

export interface ColumnRows {
  readonly length: number;
  /** Adds a row. Null and undefined are null. */
  add(value: unknown): void;
  /** Adds `count` rows with the same value. */
  fill(value: unknown, count: number): void;
  /** Removes all rows. */
  clear(): void;
  /** Returns a plain list, with nulls, if the Parquet library must choose the encoding. */
  encode(): EncodedRows | unknown[];
}

/** Rows of any type, which the library encodes. */
export class AnyRows implements ColumnRows {
  #values: unknown[] = [];

  get length(): number {
    return this.#values.length;
  }

  add(value: unknown): void {
    this.#values.push(value ?? null);
  }

  fill(value: unknown, count: number): void {
    for (let row = 0; row < count; row++) this.add(value);
  }

  clear(): void {
    this.#values = [];
  }

  encode(): unknown[] {
    return this.#values;
  }
}

/** By level: the list that most columns of a row group share. */
const recent: [number[], number[]] = [[], []];

/** Definition levels if all rows are null (0), or if none is (1). */
export function uniformLevels(rows: number, level: 0 | 1): number[] {
  if (recent[level].length !== rows) recent[level] = new Array<number>(rows).fill(level);
  return recent[level];
}
