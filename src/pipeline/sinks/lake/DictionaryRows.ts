/**
 * Rows of texts or of 64-bit numbers: the different values, and for each row the position of its value. Most columns of a file have
 * few different values, so their rows are encoded without looking at each value.
 */
import type { MinMaxType } from "hyparquet/src/types.js";
import { NO_TEXT } from "../columns/EventColumns.ts";
import type { TextTable } from "../columns/TextTable.ts";
import { type ColumnRows, type EncodedRows, uniformLevels } from "./ColumnRows.ts";
import { roomFor } from "./roomFor.ts";

const NULL = -1;

type Key = string | number | bigint;

export class DictionaryRows implements ColumnRows {
  length = 0;
  readonly #isText: boolean;
  /** By row: the position in `#dictionary`, or `NULL`. */
  #codes = new Int32Array(0);
  #nulls = 0;
  #dictionary: Key[] = [];
  readonly #codeOf = new Map<Key, number>();
  /** By code of `#texts`: the position in `#dictionary` plus 1, or 0. */
  #positions = new Int32Array(0);
  #texts: TextTable | null = null;

  /** @param type of the values: `number` is for 64-bit integers, as number or bigint */
  constructor(type: "text" | "number") {
    this.#isText = type === "text";
  }

  add(value: unknown): void {
    this.fill(value, 1);
  }

  fill(value: unknown, count: number): void {
    const isNull = value === null || value === undefined;
    const code = isNull ? NULL : this.#positionOf(value as Key);
    if (isNull) this.#nulls += count;
    this.#codes = roomFor(this.#codes, this.length + count);
    this.#codes.fill(code, this.length, (this.length += count));
  }

  addIntegers(values: Int32Array): void {
    const codes = (this.#codes = roomFor(this.#codes, this.length + values.length));
    for (let at = 0; at < values.length; at++) codes[this.length + at] = this.#positionOf(values[at]);
    this.length += values.length;
  }

  /** @param codes of `texts` */
  addTexts(texts: TextTable, codes: Int32Array): void {
    if (this.#texts !== texts) this.#positions = new Int32Array(0);
    this.#texts = texts;
    const positions = (this.#positions = roomFor(this.#positions, texts.size));
    const own = (this.#codes = roomFor(this.#codes, this.length + codes.length));
    for (let at = 0; at < codes.length; at++) {
      const code = codes[at];
      if (code === NO_TEXT) this.#nulls++;
      else if (positions[code] === 0) positions[code] = this.#positionOf(texts.textOf(code)) + 1;
      own[this.length + at] = code === NO_TEXT ? NULL : positions[code] - 1;
    }
    this.length += codes.length;
  }

  clear(): void {
    this.length = 0;
    this.#codes = new Int32Array(0);
    this.#nulls = 0;
    this.#dictionary = [];
    this.#codeOf.clear();
    this.#positions = new Int32Array(0);
    this.#texts = null;
  }

  encode(): EncodedRows | unknown[] {
    const filled = this.length - this.#nulls;
    const codes = this.#codes.subarray(0, this.length);
    // Then a dictionary may be larger than the values themselves.
    if (2 * this.#dictionary.length > filled) return Array.from(codes, (code) => this.#valueAt(code));
    const nulls = this.#nulls;
    const definitionLevels =
      nulls === 0 || filled === 0
        ? uniformLevels(this.length, nulls === 0 ? 1 : 0)
        : Array.from(codes, (code) => (code === NULL ? 0 : 1));
    const values = nulls === 0 ? codes : codes.filter((code) => code !== NULL);
    const dictionary = this.#isText ? this.#dictionary.map((text) => Buffer.from(text as string)) : this.#numbers();
    const compare = this.#isText ? Buffer.compare : (a: bigint, b: bigint) => (a < b ? -1 : 1);
    const [min, max] = bounds<MinMaxType>(dictionary, compare as (a: MinMaxType, b: MinMaxType) => number);
    return { dictionary: filled === 0 ? null : dictionary, values, definitionLevels, nulls, min, max };
  }

  #numbers(): bigint[] {
    return this.#dictionary.map((value) => BigInt(value));
  }

  #valueAt(code: number): string | bigint | null {
    if (code === NULL) return null;
    const value = this.#dictionary[code];
    return typeof value === "number" ? BigInt(value) : value;
  }

  #positionOf(value: Key): number {
    const known = this.#codeOf.get(value);
    if (known !== undefined) return known;
    const position = this.#dictionary.push(value) - 1;
    this.#codeOf.set(value, position);
    return position;
  }
}

function bounds<T>(values: readonly T[], compare: (a: T, b: T) => number): [T | undefined, T | undefined] {
  let [min, max] = [values[0], values[0]];
  for (const value of values) {
    if (compare(value, min) < 0) min = value;
    if (compare(value, max) > 0) max = value;
  }
  return [min, max];
}
