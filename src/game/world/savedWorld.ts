/**
 * Worlds as bytes. 32-bit words, little-endian, as on every machine that runs Node or a browser: a header (see `HEADER_WORDS`),
 * the team of each seat, the code units of the mode and of the map, the world's buffer, and a checksum of all before it.
 */
import type { WorldShape } from "./declaration.ts";
import { digest, textWord } from "./digest.ts";

const MAGIC = 0x44575948;
const FORMAT = 1;
/** Magic, format, length in words, layout, rules version, tick rate, seats, lengths of the mode's and the map's name. */
const HEADER_WORDS = 9;
const CHECKSUM_WORDS = 2;
const LEAST_WORDS = HEADER_WORDS + CHECKSUM_WORDS;

const codesOf = (text: string): number[] => Array.from(text, (_, at) => text.charCodeAt(at));
const versionOf = (rules: unknown): string => String((rules as { version?: string }).version);

/** Returns the bytes of a world of this shape with this state. `layout` names its fields and types. */
export function toBytes(shape: WorldShape, layout: string, state: Int32Array): Uint8Array {
  const { mode, map, teams, tickRate, rules } = shape;
  const names = [...codesOf(mode), ...codesOf(map)];
  const length = LEAST_WORDS + teams.length + names.length + state.length;
  const words = new Int32Array(length);
  words.set([MAGIC, FORMAT, length, textWord(layout), textWord(versionOf(rules)), tickRate, teams.length]);
  words.set([mode.length, map.length, ...teams, ...names], HEADER_WORDS - 2);
  words.set(state, HEADER_WORDS + teams.length + names.length);
  digest(words.subarray(0, -CHECKSUM_WORDS), words.subarray(-CHECKSUM_WORDS));
  return new Uint8Array(words.buffer);
}

/** What `fromBytes` returns. */
export interface SavedWorld {
  readonly mode: string;
  readonly map: string;
  readonly tickRate: number;
  readonly teams: readonly number[];
  readonly state: Int32Array;
}

/** Reads what `toBytes` wrote for the same layout and rules version. Throws an error that names the mismatch otherwise. */
export function fromBytes(rules: unknown, layout: string, bytes: Uint8Array): SavedWorld {
  if (bytes.length < LEAST_WORDS * 4 || bytes.length % 4 !== 0)
    throw new Error(
      `invalid saved world: expected a multiple of 4 and at least ${LEAST_WORDS * 4} bytes, not ${bytes.length}`,
    );
  const words = new Int32Array(bytes.slice().buffer);
  if (words[0] !== MAGIC) throw new Error("invalid saved world: it does not begin with the magic number");
  if (words[1] !== FORMAT)
    throw new Error(`the saved world has format ${words[1]}, expected ${FORMAT}: load it with the build that saved it`);
  if (words[2] !== words.length)
    throw new Error(`the saved world has ${words.length} words, expected ${words[2]}: it is truncated or extended`);
  const checksum = new Int32Array(CHECKSUM_WORDS);
  digest(words.subarray(0, -CHECKSUM_WORDS), checksum);
  if (checksum.some((word, i) => word !== words.at(i - CHECKSUM_WORDS)))
    throw new Error("the saved world is damaged: its checksum does not match");
  if (words[4] !== textWord(versionOf(rules)))
    throw new Error(`the saved world was made with another rules version than ${versionOf(rules)}`);
  if (words[3] !== textWord(layout))
    throw new Error("the saved world has other fields than the declaration: load it with the build that saved it");
  let at = HEADER_WORDS;
  const take = (count: number): Int32Array => words.subarray(at, (at += count));
  const teams = Array.from(take(words[6]));
  const [mode, map] = [words[7], words[8]].map((length) => String.fromCharCode(...take(length)));
  return { mode, map, tickRate: words[5], teams, state: words.subarray(at, -CHECKSUM_WORDS) };
}
