/**
 * Saves, loads and hashes a world. A snapshot is a header (rules, setup, hash of both and of the rest) followed by the world's
 * buffer. Words are little-endian, as on every machine that runs Node or a browser.
 */

import type { Emit } from "../game/emit.ts";
import type { events } from "./events.ts";
import { scramble } from "./random.ts";
import type { ArenaRules } from "./rules.ts";
import { World } from "./World.ts";

const MAGIC = 0x41475948;
const FORMAT = 2;
/** Words of the header: magic, format, rules, mode, map, tick rate, length in words, hash (2). */
const HEADER_WORDS = 9;
const HASH_AT = HEADER_WORDS - 2;

/** Hashes all words into two 32-bit lanes, mixed as in MurmurHash3. Writes the result into `lanes`. */
function digest(words: Int32Array, lanes: Int32Array): void {
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

/** 64-bit hash of the whole world, 16 hex digits. */
export function hash(world: World): string {
  const lanes = new Int32Array(2);
  digest(world.words, lanes);
  return hex(lanes[0]) + hex(lanes[1]);
}

/** FNV-1a over UTF-16 code units. */
function nameWord(name: string): number {
  let word = 0x811c9dc5 | 0;
  for (let i = 0; i < name.length; i++) word = Math.imul(word ^ name.charCodeAt(i), 0x01000193);
  return word;
}

function header(world: World): Int32Array {
  const head = new Int32Array(HEADER_WORDS);
  head[0] = MAGIC;
  head[1] = FORMAT;
  head[2] = nameWord(world.rules.version);
  head[3] = nameWord(world.modeName);
  head[4] = nameWord(world.mapName);
  head[5] = world.tickRate;
  head[6] = world.words.length;
  const lanes = head.subarray(HASH_AT);
  digest(world.words, lanes);
  // Otherwise a damaged tick rate, which no word of the world depends on, would not be noticed.
  for (let i = 0; i < HASH_AT; i++) lanes[0] = scramble(lanes[0] ^ head[i]);
  return head;
}

export function save(world: World): Uint8Array {
  const bytes = new Uint8Array((HEADER_WORDS + world.words.length) * 4);
  const words = new Int32Array(bytes.buffer);
  words.set(header(world));
  words.set(world.words, HEADER_WORDS);
  return bytes;
}

/**
 * Restores a world from bytes that `save` wrote under the same rules. For other bytes, throws an error that names the mismatch.
 */
export function load(rules: ArenaRules, maps: readonly string[], bytes: Uint8Array, emit: Emit<typeof events>): World {
  if (bytes.length < HEADER_WORDS * 4 || bytes.length % 4 !== 0)
    throw new Error(
      `invalid saved world: expected a multiple of 4 and at least ${HEADER_WORDS * 4} bytes, not ${bytes.length}`,
    );
  const words = new Int32Array(bytes.slice().buffer);
  if (words[0] !== MAGIC) throw new Error("invalid saved world: it does not begin with the magic number");
  if (words[1] !== FORMAT) throw new Error(`the saved world has format ${words[1]}: expected ${FORMAT}`);
  if (words[2] !== nameWord(rules.version))
    throw new Error(`the saved world was made with another rules version than ${rules.version}`);
  const mode = Object.keys(rules.modes).find((name) => nameWord(name) === words[3]);
  const map = maps.find((name) => nameWord(name) === words[4]);
  if (mode === undefined || map === undefined) throw new Error("the saved world has an unknown mode or map");
  const world = new World(rules, { mode, map, tickRate: words[5], seed: "0".repeat(32), roster: [] }, emit);
  if (words[6] !== world.words.length || words.length !== HEADER_WORDS + world.words.length)
    throw new Error(`the saved world has ${words.length - HEADER_WORDS} words: expected ${world.words.length}`);
  world.words.set(words.subarray(HEADER_WORDS));
  const head = header(world);
  for (let i = 0; i < HEADER_WORDS; i++) {
    if (head[i] !== words[i]) throw new Error("the saved world is damaged: its header or hash does not match");
  }
  return world;
}
