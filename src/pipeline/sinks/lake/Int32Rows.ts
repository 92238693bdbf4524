/** Rows of 32-bit numbers. */
import { type ColumnRows, type EncodedRows, uniformLevels } from "./ColumnRows.ts";
import { roomFor } from "./roomFor.ts";

/** Numbers within so many are looked up in a table, to find out which of them occur. */
const RANGE_MAX = 65_536;
/** By number: its position in the dictionary plus 1. All 0 between two uses. */
const positions = new Int32Array(RANGE_MAX);

export class Int32Rows implements ColumnRows {
  length = 0;
  #values = new Int32Array(0);
  /** Number of rows that were encoded together the last time: so many are likely again. */
  #likely: number | undefined;
  /** The rows that are null, in order. */
  #nulls: number[] = [];

  add(value: unknown): void {
    this.fill(value, 1);
  }

  fill(value: unknown, count: number): void {
    this.#values = roomFor(this.#values, this.length + count, this.#likely);
    if (value === null || value === undefined)
      for (let row = this.length; row < this.length + count; row++) this.#nulls.push(row);
    else this.#values.fill(value as number, this.length, this.length + count);
    this.length += count;
  }

  /** Adds the values `from` to `to` (exclusive). */
  addIntegers(values: Int32Array, from: number, to: number): void {
    const own = (this.#values = roomFor(this.#values, this.length + to - from, this.#likely));
    for (let at = from; at < to; at++) own[this.length++] = values[at];
  }

  clear(): void {
    this.#likely = this.length;
    this.length = 0;
    this.#values = new Int32Array(0);
    this.#nulls = [];
  }

  encode(): EncodedRows {
    const nulls = this.#nulls.length;
    const values = this.#filled();
    let [min, max] = [values[0], values[0]];
    for (let at = 1; at < values.length; at++) {
      const value = values[at];
      if (value < min) min = value;
      else if (value > max) max = value;
    }
    const bounds = values.length === 0 ? { min: undefined, max: undefined } : { min, max };
    return { ...withDictionary(values, min, max), definitionLevels: this.#levels(), nulls, ...bounds };
  }

  #filled(): Int32Array {
    const values = this.#values.subarray(0, this.length);
    if (this.#nulls.length === 0) return values;
    const isNull = new Set(this.#nulls);
    return values.filter((_, row) => !isNull.has(row));
  }

  #levels(): number[] {
    if (this.#nulls.length === 0) return uniformLevels(this.length, 1);
    const levels = new Array<number>(this.length).fill(1);
    for (const row of this.#nulls) levels[row] = 0;
    return levels;
  }
}

/** With a dictionary if that makes the column much smaller. */
function withDictionary(values: Int32Array, min: number, max: number): Pick<EncodedRows, "dictionary" | "values"> {
  if (values.length === 0 || max - min >= RANGE_MAX) return { dictionary: null, values };
  const dictionary: number[] = [];
  const codes = new Int32Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const slot = values[at] - min;
    if (positions[slot] === 0) positions[slot] = dictionary.push(values[at]);
    codes[at] = positions[slot] - 1;
  }
  for (const value of dictionary) positions[value - min] = 0;
  const bits = dictionary.length * 32 + values.length * Math.ceil(Math.log2(dictionary.length));
  return 2 * bits <= values.length * 32 ? { dictionary, values: codes } : { dictionary: null, values };
}
