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
 *     text     seat changes as JSON, with flag SEATS
 *     facts    per fact varint kind + 1 and its words, signed; then 0; with flag FACTS
 *     frames   per changed row varint seat + 1 and its words, signed; then 0; with flag FRAMES
 *     8 bytes  hash, with flag HASH
 *     counts   varint per topic of the layout: events of the match up to and including this record
 *     shed     varint per topic of the layout: events dropped so far; with flag SHED
 *
 * Integers are little-endian. A text is a varint length and UTF-8. Every record can be expanded alone.
 */
import type { RecordBuffer } from "./RecordBuffer.ts";

export const TICK_RECORD = 1;

export const MATCH_EVENTS = 1;
export const SETUP = 2;
export const SEATS = 4;
export const FACTS = 8;
export const FRAMES = 16;
export const HASH = 32;
export const SHED = 64;
/** The last record of the match. */
export const ENDED = 128;

/** Byte offsets in a record. */
export const MATCH_ID_AT = 2;
export const LAYOUT_ID_AT = 18;
export const TICK_AT = 22;

interface TickHead {
  readonly flags: number;
  readonly matchIdBytes: Uint8Array;
  readonly layoutId: number;
  readonly tick: number;
  readonly at: number;
  readonly idTable: Uint8Array;
}

export function writeHead(buffer: RecordBuffer, head: TickHead): void {
  buffer.length = 0;
  buffer.reserve(40 + head.idTable.length);
  buffer.byte(TICK_RECORD);
  buffer.byte(head.flags);
  buffer.raw(head.matchIdBytes);
  buffer.uint32(head.layoutId);
  buffer.uint32(head.tick);
  buffer.float64(head.at);
  buffer.raw(head.idTable);
}

export function writeIdTable(
  buffer: RecordBuffer,
  roomId: string,
  mode: string,
  players: readonly (string | null)[],
): void {
  buffer.reserve(5);
  buffer.varint(players.length);
  buffer.text(roomId);
  buffer.text(mode);
  for (const player of players) buffer.id(player);
}

export function writeCounts(buffer: RecordBuffer, counts: ArrayLike<number>): void {
  buffer.reserve(counts.length * 5);
  for (let topic = 0; topic < counts.length; topic++) buffer.varint(counts[topic]);
}
