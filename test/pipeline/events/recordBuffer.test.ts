/** The signed words of a record: their bytes, and the space that they need. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { RecordBuffer } from "../../../src/pipeline/events/RecordBuffer.ts";
import { RecordCursor } from "../../../src/pipeline/events/RecordCursor.ts";

/** Seven bits a byte, lowest first, of 0, −1, 1, −2, 2, … numbered from 0. */
function plainBytes(words: readonly number[]): number[] {
  return words.flatMap((word) => {
    let rest = word < 0 ? -2 * word - 1 : 2 * word;
    const bytes: number[] = [];
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    return [...bytes, rest];
  });
}

/** The numbers around those at which a word takes one byte more. */
const limits = [0, 2 ** 6, 2 ** 13, 2 ** 20, 2 ** 27].flatMap((limit) => [limit - 1, limit, 0 - limit, -limit - 1]);
const word = fc.oneof(
  fc.constantFrom(...limits, 2 ** 31 - 1, -(2 ** 31)),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

describe("the signed words of a record", () => {
  it("take one to five bytes, and nothing after them", () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), fc.nat(3), fc.nat(3), (words, before, after) => {
        const buffer = new RecordBuffer(0);
        buffer.reserve(words.length * 5 + 1);
        const all = Int32Array.from([...Array(before).fill(77), ...words, ...Array(after).fill(88)]);
        buffer.signed(all, before, before + words.length);
        buffer.byte(200);
        assert.deepEqual([...buffer.bytes.subarray(0, buffer.length)], [...plainBytes(words), 200]);
      }),
      { numRuns: 500 },
    );
  });

  it("are read as they were written, also after the buffer has grown", () => {
    const buffer = new RecordBuffer(5);
    const words = Int32Array.from([...limits, 2 ** 31 - 1, -(2 ** 31)]);
    for (let index = 0; index < words.length; index++) {
      buffer.reserve(5);
      buffer.signed(words, index, index + 1);
    }
    const cursor = new RecordCursor(buffer.bytes.subarray(0, buffer.length));
    assert.deepEqual(
      Array.from(words, () => cursor.signed()),
      [...words],
    );
    assert(cursor.atEnd);
  });
});
