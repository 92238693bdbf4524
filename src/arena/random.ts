/**
 * Random numbers. The generator is xoshiro128** (D. Blackman, S. Vigna, "Scrambled linear pseudorandom number generators", 2021).
 * Its four state words are part of the world. Bots must not advance that state, so they use stateless noise.
 */

/** Converts a seed of 32 hex digits to four words. Throws on any other string. */
export function seedWords(seed: string): [number, number, number, number] {
  if (!/^[0-9a-f]{32}$/.test(seed)) throw new Error(`invalid seed ${JSON.stringify(seed)}: expected 32 hex digits`);
  const word = (at: number): number => Number.parseInt(seed.slice(at, at + 8), 16) | 0;
  return [word(0), word(8), word(16), word(24)];
}

/**
 * Initialises the generator state from the words of a seed. Avoids the all-zero state, from which the generator cannot advance.
 */
export function seedGenerator(state: Int32Array, at: number, words: readonly number[]): void {
  for (let i = 0; i < 4; i++) state[at + i] = scramble(words[i] + Math.imul(i + 1, 0x9e3779b9));
  state[at] |= 1;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

/** Returns the next 32 bits as a signed word, and advances the state at `at`. */
function nextWord(state: Int32Array, at: number): number {
  const s1 = state[at + 1];
  const result = Math.imul(rotate(Math.imul(s1, 5), 7), 9);
  const s2 = state[at + 2] ^ state[at];
  const s3 = state[at + 3] ^ s1;
  state[at + 1] = s1 ^ s2;
  state[at] ^= s3;
  state[at + 2] = s2 ^ (s1 << 9);
  state[at + 3] = rotate(s3, 11);
  return result;
}

/** Returns a random whole number from 0 to `sides` − 1, and advances the state at `at`. `sides` is at most 65,536. */
export function roll(state: Int32Array, at: number, sides: number): number {
  return ((nextWord(state, at) >>> 16) * sides) >>> 16;
}

/** Mixes the bits of a word (the finaliser of MurmurHash3). */
export function scramble(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}

/** Returns a whole number from 0 to `sides` − 1 that depends only on `key`, `a` and `b`. `sides` is at most 65,536. */
export function noise(key: number, a: number, b: number, sides: number): number {
  const word = scramble(scramble(key ^ Math.imul(a + 1, 0x9e3779b1)) ^ Math.imul(b + 1, 0x7feb352d));
  return ((word >>> 16) * sides) >>> 16;
}
