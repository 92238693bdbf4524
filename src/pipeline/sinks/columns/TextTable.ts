/**
 * Numbers texts, so that a column of texts is a column of numbers. A text is looked up by its bytes in the message, so a text that
 * repeats costs no string.
 */
import { randomInt } from "node:crypto";
import { isPlain, viewOf } from "./words.ts";

const PRIME = 0x01000193;
/** Differs in each process, so that nobody can choose texts whose hashes are the same. */
const SEED = randomInt(2 ** 31);

export class TextTable {
  /** Number of different texts. Their codes are 0, 1, 2, … */
  size = 0;
  #bytes: Buffer = Buffer.alloc(4096);
  #view = viewOf(this.#bytes);
  /** Where each text ends in `#bytes`. It begins where the previous one ends. */
  #ends = new Int32Array(256);
  #hashes = new Int32Array(256);
  /** By code: the text that followed it the last time plus 1, or 0. */
  #followers = new Int32Array(256);
  /** An open hash table: a code plus 1, or 0. */
  #slots = new Int32Array(512);
  readonly #strings: string[] = [];
  /** The codes of the texts that `codeOfPlain` was asked for. */
  readonly #codes = new Map<string, number | null>();

  /** The code of the text in `source` from `from` to `to` (exclusive), which contains only ASCII. */
  codeOf(source: DataView, from: number, to: number): number {
    const hash = hashOf(source, from, to);
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const code = this.#slots[slot] - 1;
      if (code < 0) return this.#add(source, from, to, hash, slot);
      const isSame = this.#hashes[code] === hash && this.lengthOf(code) === to - from;
      if (isSame && this.isAt(code, source, from)) return code;
    }
  }

  codeOfText(text: string): number {
    const bytes = Buffer.from(text);
    return this.codeOf(viewOf(bytes), 0, bytes.length);
  }

  /** The code of a text that was not read from JSON; null if it is not ASCII that needs no escapes in JSON. */
  codeOfPlain(text: string): number | null {
    let code = this.#codes.get(text);
    if (code === undefined) {
      code = isPlain(text) ? this.codeOfText(text) : null;
      this.#codes.set(text, code);
    }
    return code;
  }

  /** In bytes. */
  lengthOf(code: number): number {
    return this.#ends[code] - this.#startOf(code);
  }

  /** Whether the text is in `source` from `from`, where it must have room. */
  isAt(code: number, source: DataView, from: number): boolean {
    const view = this.#view;
    const start = this.#startOf(code);
    const length = this.#ends[code] - start;
    const words = length & ~3;
    for (let at = 0; at < words; at += 4) if (view.getInt32(start + at) !== source.getInt32(from + at)) return false;
    for (let at = words; at < length; at++) if (view.getUint8(start + at) !== source.getUint8(from + at)) return false;
    return true;
  }

  /** The text that followed this one the last time, in the column of any field; -1 if none did. */
  followerOf(code: number): number {
    return this.#followers[code] - 1;
  }

  follow(code: number, follower: number): void {
    this.#followers[code] = follower + 1;
  }

  textOf(code: number): string {
    return (this.#strings[code] ??= this.#bytes.toString("utf8", this.#startOf(code), this.#ends[code]));
  }

  #startOf(code: number): number {
    return code === 0 ? 0 : this.#ends[code - 1];
  }

  #add(source: DataView, from: number, to: number, hash: number, slot: number): number {
    const code = this.size++;
    const start = this.#startOf(code);
    const end = start + to - from;
    if (end > this.#bytes.length) {
      this.#bytes = Buffer.concat([this.#bytes], Math.max(end, 2 * this.#bytes.length));
      this.#view = viewOf(this.#bytes);
    }
    if (code === this.#ends.length) {
      this.#ends = doubled(this.#ends);
      this.#hashes = doubled(this.#hashes);
      this.#followers = doubled(this.#followers);
    }
    this.#bytes.set(new Uint8Array(source.buffer, source.byteOffset + from, to - from), start);
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
      let slot = this.#hashes[code] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = code + 1;
    }
    this.#slots = slots;
  }
}

function hashOf(source: DataView, from: number, to: number): number {
  let hash = SEED;
  let at = from;
  for (; at + 4 <= to; at += 4) {
    hash = Math.imul(hash ^ source.getInt32(at), PRIME);
    hash ^= hash >>> 15;
  }
  for (; at < to; at++) hash = Math.imul(hash ^ source.getUint8(at), PRIME);
  return hash ^ (hash >>> 15);
}

export function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * values.length);
  larger.set(values);
  return larger;
}
