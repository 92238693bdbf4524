/** Mixes the bits of a word, so that similar words have nothing in common (the finaliser of MurmurHash3). */
export function scramble(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return word ^ (word >>> 16);
}
