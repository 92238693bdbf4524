/**
 * The byte format of a tick record, version 1:
 *
 *     byte     1, the version
 *     byte     flags, see below
 *     16 bytes match id
 *     uint32   layout id: the definition that describes the words
 *     uint32   tick
 *     float64  at, Unix ms
 *     id table varint seats, room id and mode as texts, then for each seat the id of the player who holds or last held it
 *     text     match events as JSON, with flag MATCH_EVENTS
 *     text     setup as JSON, with flag SETUP
 *     text     seat changes, then commands, as one list of JSON, with flag INPUTS
 *     facts    per fact varint kind + 1 and its words, signed; then 0; with flag FACTS
 *     frames   per changed row varint seat + 1 and its words, signed; then 0; with flag FRAMES
 *     8 bytes  hash, with flag HASH
 *     counts   varint per topic of the layout: events of the match up to and including this record
 *     shed     varint per topic of the layout: events dropped so far; with flag SHED
 *
 * Integers are little-endian. A text is a varint length and UTF-8. Every record can be expanded alone.
 */
import { RecordBuffer, uuidBytes } from "./RecordBuffer.ts";

export const TICK_RECORD = 1;

export const MATCH_EVENTS = 1;
export const SETUP = 2;
export const INPUTS = 4;
export const FACTS = 8;
export const FRAMES = 16;
export const HASH = 32;
export const SHED = 64;
/** The last record of the match. */
export const ENDED = 128;

/** Byte offsets in a record. */
export const FLAGS_AT = 1;
export const MATCH_ID_AT = 2;
export const LAYOUT_ID_AT = 18;
export const TICK_AT = 22;
const TIME_AT = 26;

interface RecordedMatch {
  readonly matchId: string;
  readonly layoutId: number;
  readonly roomId: string;
  readonly mode: string;
  /** Id of the player who holds, or last held, each seat. */
  readonly players: readonly (string | null)[];
}

/**
 * The part of a record from its start to the end of the id table, with zeros for flags, tick and time. It is the same in every tick
 * until a player takes a seat. Throws a `TypeError` if the match id is not a UUID.
 */
export function headOf({ matchId, layoutId, roomId, mode, players }: RecordedMatch): Uint8Array {
  const buffer = new RecordBuffer(512);
  buffer.byte(TICK_RECORD);
  buffer.byte(0);
  buffer.raw(uuidBytes(matchId));
  buffer.uint32(layoutId);
  buffer.uint32(0);
  buffer.float64(0);
  buffer.varint(players.length);
  buffer.text(roomId);
  buffer.text(mode);
  for (const player of players) buffer.id(player);
  return buffer.bytes.subarray(0, buffer.length);
}

/** Begins the record of a tick. Replaces what the buffer contains. */
export function writeHead(buffer: RecordBuffer, head: Uint8Array, flags: number, tick: number, at: number): void {
  buffer.length = 0;
  buffer.reserve(head.length);
  buffer.raw(head);
  buffer.bytes[FLAGS_AT] = flags;
  buffer.setUint32(TICK_AT, tick);
  buffer.setFloat64(TIME_AT, at);
}

export function writeCounts(buffer: RecordBuffer, counts: ArrayLike<number>): void {
  buffer.reserve(counts.length * 5);
  for (let topic = 0; topic < counts.length; topic++) buffer.varint(counts[topic]);
}
