/**
 * Rows of texts or of 64-bit numbers: the different values, and for each row the position of its value. Most columns of a file have
 * few different values, so their rows are encoded without looking at each value.
 */
import { NO_TEXT } from "../columns/EventColumns.ts";
import type { TextTable } from "../columns/TextTable.ts";
import { type ColumnRows, type EncodedRows, uniformLevels } from "./ColumnRows.ts";
import { roomFor } from "./roomFor.ts";

const NULL = -1;
/** From this length on, a run of the same values takes less space than the values. */
const RUN_LENGTH = 8;

type Key = string | number | bigint;
type EncodedValues = Omit<EncodedRows, "definitionLevels" | "nulls">;

export class DictionaryRows implements ColumnRows {
  length = 0;
  readonly #isText: boolean;
  /** By row: the position in `#dictionary`, or `NULL`. */
  #codes = new Int32Array(0);
  /** Number of rows that were encoded together the last time: so many are likely again. */
  #likely: number | undefined;
  #nulls = 0;
  /** The value that was added last, and its position. */
  #recent: Key | undefined;
  #recentPosition = 0;
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
    this.#makeRoom(count);
    this.#codes.fill(code, this.length, (this.length += count));
  }

  /** Adds the values `from` to `to` (exclusive). */
  addIntegers(values: Int32Array, from: number, to: number): void {
    const own = this.#makeRoom(to - from);
    for (let at = from; at < to; at++) own[this.length++] = this.#positionOf(values[at]);
  }

  /** Adds the texts with the codes `from` to `to` (exclusive). */
  addTexts(texts: TextTable, codes: Int32Array, from: number, to: number): void {
    if (this.#texts !== texts) this.#positions = new Int32Array(0);
    this.#texts = texts;
    const positions = (this.#positions = roomFor(this.#positions, texts.size));
    const own = this.#makeRoom(to - from);
    for (let at = from; at < to; at++) {
      const code = codes[at];
      if (code === NO_TEXT) this.#nulls++;
      else if (positions[code] === 0) positions[code] = this.#positionOf(texts.textOf(code)) + 1;
      own[this.length++] = code === NO_TEXT ? NULL : positions[code] - 1;
    }
  }

  clear(): void {
    this.#likely = this.length;
    this.#recent = undefined;
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
    if (this.#isText && 2 * this.#dictionary.length > filled)
      return Array.from(codes, (code) => (code === NULL ? null : this.#dictionary[code]));
    const nulls = this.#nulls;
    const definitionLevels =
      nulls === 0 || filled === 0
        ? uniformLevels(this.length, nulls === 0 ? 1 : 0)
        : Array.from(codes, (code) => (code === NULL ? 0 : 1));
    const values = nulls === 0 ? codes : codes.filter((code) => code !== NULL);
    return { ...(this.#isText ? this.#encodeTexts(values) : this.#encodeNumbers(values)), definitionLevels, nulls };
  }

  #encodeTexts(codes: Int32Array): EncodedValues {
    const dictionary = this.#dictionary.map((text) => Buffer.from(text as string));
    return { ...withDictionary(dictionary, codes), ...bounds(dictionary, Buffer.compare) };
  }

  #encodeNumbers(codes: Int32Array): EncodedValues {
    const dictionary = this.#dictionary.map((value) => BigInt(value));
    const ofAll = bounds(dictionary, (a, b) => (a < b ? -1 : 1));
    // Numbers that seldom repeat are mostly offsets and times. They compress better than their positions in a dictionary.
    if (RUN_LENGTH * dictionary.length <= codes.length) return { ...withDictionary(dictionary, codes), ...ofAll };
    const values = new BigInt64Array(codes.length);
    for (let at = 0; at < codes.length; at++) values[at] = dictionary[codes[at]];
    return { dictionary: null, values, ...ofAll };
  }

  #makeRoom(rows: number): Int32Array {
    return (this.#codes = roomFor(this.#codes, this.length + rows, this.#likely));
  }

  #positionOf(value: Key): number {
    if (value === this.#recent) return this.#recentPosition;
    let position = this.#codeOf.get(value);
    if (position === undefined) {
      position = this.#dictionary.push(value) - 1;
      this.#codeOf.set(value, position);
    }
    this.#recent = value;
    this.#recentPosition = position;
    return position;
  }
}

function withDictionary(dictionary: (Buffer | bigint)[], values: Int32Array) {
  return { dictionary: dictionary.length === 0 ? null : dictionary, values };
}

function bounds<T extends Buffer | bigint>(values: readonly T[], compare: (a: T, b: T) => number) {
  let [min, max] = [values[0] as T | undefined, values[0] as T | undefined];
  for (const value of values) {
    if (compare(value, min!) < 0) min = value;
    if (compare(value, max!) > 0) max = value;
  }
  return { min, max };
}
