/**
 * Numbers texts, so that a column of texts is a column of numbers. A text is looked up by its bytes in the message, so a text that
 * repeats costs no string.
 */
import { randomInt } from "node:crypto";

const PRIME = 0x01000193;
/** Differs in each process, so that nobody can choose texts whose hashes are the same. */
const SEED = randomInt(2 ** 31);

export class TextTable {
  /** Number of different texts. Their codes are 0, 1, 2, … */
  size = 0;
  #bytes = Buffer.alloc(4096);
  /** Where each text ends in `#bytes`. It begins where the previous one ends. */
  #ends = new Int32Array(256);
  #hashes = new Int32Array(256);
  /** An open hash table: a code plus 1, or 0. */
  #slots = new Int32Array(512);
  readonly #strings: string[] = [];

  /** The code of the text in `source[from]` to `source[to]` (exclusive), which contains only ASCII. */
  codeOf(source: Uint8Array, from: number, to: number): number {
    let hash = SEED;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ source[at], PRIME);
    const mask = this.#slots.length - 1;
    let slot = (hash ^ (hash >>> 15)) & mask;
    for (;;) {
      const code = this.#slots[slot] - 1;
      if (code < 0) return this.#add(source, from, to, hash, slot);
      if (this.#hashes[code] === hash && this.#isAt(code, source, from, to)) return code;
      slot = (slot + 1) & mask;
    }
  }

  codeOfText(text: string): number {
    const bytes = Buffer.from(text);
    return this.codeOf(bytes, 0, bytes.length);
  }

  textOf(code: number): string {
    return (this.#strings[code] ??= this.#bytes.toString("utf8", this.#startOf(code), this.#ends[code]));
  }

  #startOf(code: number): number {
    return code === 0 ? 0 : this.#ends[code - 1];
  }

  #isAt(code: number, source: Uint8Array, from: number, to: number): boolean {
    const start = this.#startOf(code);
    if (this.#ends[code] - start !== to - from) return false;
    const bytes = this.#bytes;
    for (let at = from; at < to; at++) if (bytes[start + at - from] !== source[at]) return false;
    return true;
  }

  #add(source: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const code = this.size++;
    const start = this.#startOf(code);
    const end = start + to - from;
    if (end > this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], Math.max(end, 2 * this.#bytes.length));
    if (code === this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#hashes = doubled(this.#hashes);
    }
    this.#bytes.set(source.subarray(from, to), start);
    this.#ends[code] = end;
    this.#hashes[code] = hash;
    this.#slots[slot] = code + 1;
    if (2 * this.size > this.#slots.length) this.#rehash();
    return code;
  }

  #rehash(): void {
    const slots = new Int32Array(2 * this.#slots.length);
    const mask = slots.length - 1;
    for (let code = 0; code < this.size; code++) {
      const hash = this.#hashes[code];
      let slot = (hash ^ (hash >>> 15)) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
    this.#slots = slots;
  }
}

export function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}
