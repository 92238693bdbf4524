/**
 * Random numbers. The generator is xoshiro128** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2021).
 * Its four state words are part of the world. Bots must not advance that state, so they use stateless noise.
 */
import { list } from "../world/declaration.ts";
import { i32 } from "../world/numbers.ts";
import { scramble } from "./scramble.ts";

/** Converts a seed of 32 hex digits to four words. Throws on any other string. */
export function seedWords(seed: string): [number, number, number, number] {
  if (!/^[0-9a-f]{32}$/.test(seed)) throw new Error(`invalid seed ${JSON.stringify(seed)}: expected 32 hex digits`);
  const word = (at: number): number => Number.parseInt(seed.slice(at, at + 8), 16) | 0;
  return [word(0), word(8), word(16), word(24)];
}

/** The generator as a field of a world's globals: `globals: { generator, … }`. */
export const generator = list(i32, 4);

/**
 * Starts the generator with the words of a seed (`seedWords`). The state is never all zero, because the generator cannot advance
 * from there.
 */
export function seedGenerator(state: Int32Array, words: readonly number[]): void {
  for (let i = 0; i < 4; i++) state[i] = scramble(words[i] + Math.imul(i + 1, 0x9e3779b9));
  state[0] |= 1;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** Returns the next 32 bits as a signed word, and advances the state. */
function nextWord(state: Int32Array): number {
  const s1 = state[1];
  const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9);
  const s2 = state[2] ^ state[0];
  const s3 = state[3] ^ s1;
  state[1] = s1 ^ s2;
  state[0] ^= s3;
  state[2] = s2 ^ (s1 << 9);
  state[3] = rotate(s3, 11);
  return result;
}

/** Returns a random whole number from 0 to `sides` − 1, and advances the state. `sides` is at most 65,536. */
export function roll(state: Int32Array, sides: number): number {
  return ((nextWord(state) >>> 16) * sides) >>> 16;
}

/** Shuffles the numbers in place, each order being equally likely (R. Durstenfeld, 1964), and advances the state. */
export function shuffle(state: Int32Array, numbers: number[] | Int32Array): void {
  for (let last = numbers.length - 1; last > 0; last--) {
    const at = roll(state, last + 1);
    const moved = numbers[last];
    numbers[last] = numbers[at];
    numbers[at] = moved;
  }
}

/** Returns a whole number from 0 to `sides` − 1 that depends only on `key`, `a` and `b`. `sides` is at most 65,536. */
export function noise(key: number, a: number, b: number, sides: number): number {
  const word = scramble(scramble(key ^ Math.imul(a + 1, 0x9e3779b1)) ^ Math.imul(b + 1, 0x7feb352d));
  return ((word >>> 16) * sides) >>> 16;
}
