/** A 64-bit hash of 32-bit words, with integers only, so that every engine computes the same one. */
import { scramble } from "../kit/scramble.ts";

/** Hashes all words into two 32-bit lanes, mixed as in MurmurHash3. Writes the result into `lanes`. */
export function digest(words: Int32Array, lanes: Int32Array): void {
  let a = 0x3c6ef372;
  let b = 0x27220a95;
  for (let i = 0; i < words.length; i++) {
    const word = Math.imul(words[i], 0xcc9e2d51);
    const mixed = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    a ^= mixed;
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0;
    b = Math.imul(b ^ words[i], 0x01000193) ^ (b >>> 15) ^ a;
  }
  lanes[0] = scramble(a ^ words.length);
  lanes[1] = scramble(b ^ lanes[0]);
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, "0");

/** The hash of the words as 16 hex digits. */
export function hexDigest(words: Int32Array): string {
  const lanes = new Int32Array(2);
  digest(words, lanes);
  return hex(lanes[0]) + hex(lanes[1]);
}

/** A 32-bit hash of a text: FNV-1a over UTF-16 code units. */
export function textWord(text: string): number {
  let word = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) word = Math.imul(word ^ text.charCodeAt(i), 0x01000193);
  return word;
}
