import assert from "node:assert/strict";
import fc from "fast-check";
import { noise, roll, seedGenerator, seedWords, shuffle } from "../../../src/game/kit/random.ts";

const seed = fc.array(fc.nat({ max: 0xffff_ffff }), { minLength: 4, maxLength: 4 });
const sides = fc.integer({ min: 1, max: 65_536 });

function generatorOf(words: readonly number[]): Int32Array {
  const state = new Int32Array(4);
  seedGenerator(state, words);
  return state;
}

/** Xoshiro128** as its authors publish it, on big integers. Returns the next words. */
function publishedWords(state: Int32Array, count: number): number[] {
  const mask = 0xffff_ffffn;
  const rotate = (word: bigint, by: bigint): bigint => ((word << by) | (word >> (32n - by))) & mask;
  const s = Array.from(state, (word) => BigInt(word) & mask);
  return Array.from({ length: count }, () => {
    const result = (rotate((s[1] * 5n) & mask, 7n) * 9n) & mask;
    const t = (s[1] << 9n) & mask;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 11n);
    return Number(result);
  });
}

describe("random numbers", () => {
  it("are the upper bits of xoshiro128**, scaled to the number of sides", () => {
    fc.assert(
      fc.property(seed, sides, (words, sides) => {
        const state = generatorOf(words);
        const expected = publishedWords(state, 20).map((word) => Math.floor(((word >>> 16) * sides) / 65_536));
        assert.deepEqual(
          expected.map(() => roll(state, sides)),
          expected,
        );
      }),
    );
  });

  it("are spread evenly over all sides", () => {
    const state = generatorOf([1, 2, 3, 4]);
    const counts = new Array<number>(6).fill(0);
    for (let i = 0; i < 60_000; i++) counts[roll(state, 6)]++;
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 400, `${counts}`);
  });

  it("never come from the state of zeros", () => {
    fc.assert(fc.property(seed, (words) => assert.ok(generatorOf(words).some((word) => word !== 0))));
  });

  it("shuffle numbers into every order equally often, and lose none", () => {
    const state = generatorOf([9, 9, 9, 9]);
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const numbers = [0, 1, 2, 3];
      shuffle(state, numbers);
      counts.set(numbers.join(), (counts.get(numbers.join()) ?? 0) + 1);
      assert.deepEqual(numbers.sort(), [0, 1, 2, 3]);
    }
    assert.equal(counts.size, 24);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${[...counts]}`);
  });

  it("as noise depend only on the key and both numbers", () => {
    const state = generatorOf([1, 2, 3, 4]);
    const before = state.slice();
    fc.assert(
      fc.property(fc.integer(), fc.nat(), fc.nat(), sides, (key, a, b, sides) => {
        const value = noise(key, a, b, sides);
        assert.equal(noise(key, a, b, sides), value);
        assert.ok(Number.isInteger(value) && value >= 0 && value < sides);
      }),
    );
    assert.deepEqual(state, before);
  });

  it("have seeds of 32 hex digits", () => {
    assert.deepEqual(seedWords("0000000100000002ffffffff80000000"), [1, 2, -1, -0x8000_0000]);
    for (const wrong of ["", "xyz", "0".repeat(31), "0".repeat(33), "G".repeat(32), "A".repeat(32)])
      assert.throws(() => seedWords(wrong), /invalid seed .*expected 32 hex digits/);
  });
});
