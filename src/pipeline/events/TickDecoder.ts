/**
 * Decodes tick records (`tickFormat.ts`) with the layouts that describe their words. The input may be damaged: for such input,
 * the functions throw `RecordDamaged`, and they never allocate more than the size of the input justifies.
 */
import type { InputEvents, RoomMatchEvent } from "../../../schema/matchEvents.ts";
import type { OutboxReader } from "../outbox/Outbox.ts";
import { type IdTable, IdTables } from "./IdTable.ts";
import { RecordCursor, RecordDamaged } from "./RecordCursor.ts";
import { layoutIdOf, layoutName, type RecordLayout, wordsIn } from "./RecordLayout.ts";
import * as format from "./tickFormat.ts";

export interface DecodedRecord {
  readonly layout: RecordLayout;
  readonly layoutId: number;
  readonly matchId: string;
  readonly table: IdTable;
  readonly tick: number;
  readonly at: number;
  readonly matchEvents: readonly RoomMatchEvent[];
  readonly setup: InputEvents["setup"] | null;
  /** Seat changes and commands, as their events are. */
  readonly inputs: readonly (InputEvents["seat"] | InputEvents["command"])[];
  /** For each fact its kind and its words. */
  readonly facts: readonly number[];
  /** The number of words of a fact by its kind, without the kind. */
  readonly wordsOfKind: readonly number[];
  /** For each frame its seat and its words. */
  readonly frames: readonly number[];
  readonly hash: string | null;
  /** By topic of the layout: events of the match up to and including this record. */
  readonly counts: readonly number[];
  readonly shed: readonly number[];
  /** Whether this is the match's last record. */
  readonly ended: boolean;
}

export class TickDecoder {
  private readonly layouts = new Map<number, RecordLayout>();
  private readonly tables = new IdTables();
  /** By layout, then by number of seats. */
  private readonly wordsOfKinds = new Map<RecordLayout, (readonly number[])[]>();

  /** Loads the layouts that the records need and that are not loaded yet. Ignores records of other kinds. */
  async loadLayouts(reader: Pick<OutboxReader, "definition">, records: Iterable<{ bytes: Uint8Array }>): Promise<void> {
    for (const { bytes } of records) {
      if (!isTickRecord(bytes)) continue;
      const id = layoutIdIn(bytes);
      if (this.layouts.has(id)) continue;
      const json = await reader.definition(layoutName(id));
      const layout = json === null ? null : parseLayout(json, id);
      if (layout !== null) this.add(id, layout);
    }
  }

  add(id: number, layout: RecordLayout): void {
    this.layouts.set(id, layout);
  }

  /** Throws `RecordDamaged`, also if the record's layout is not loaded. */
  decode(bytes: Uint8Array): DecodedRecord {
    const cursor = new RecordCursor(bytes);
    const version = cursor.byte();
    if (version !== format.TICK_RECORD)
      throw new RecordDamaged(`unknown version ${version} of a tick record: expected ${format.TICK_RECORD}`);
    const flags = cursor.byte();
    const matchId = cursor.uuid();
    const layoutId = cursor.uint32();
    const layout = this.layouts.get(layoutId);
    if (layout === undefined)
      throw new RecordDamaged(`definition ${layoutName(layoutId)} is missing or damaged in the outbox`);
    const tick = cursor.uint32();
    const at = cursor.float64();
    const table = this.tables.read(cursor, matchId);
    const seats = table.players.length;
    const wordsOfKind = this.wordsOfKind(layout, seats);
    const decoded: DecodedRecord = {
      ...{ layout, layoutId, matchId, table, tick, at, wordsOfKind },
      matchEvents: flags & format.MATCH_EVENTS ? objects<RoomMatchEvent>(cursor) : [],
      setup: flags & format.SETUP ? object<InputEvents["setup"]>(cursor.json()) : null,
      inputs: flags & format.INPUTS ? objects<DecodedRecord["inputs"][number]>(cursor) : [],
      facts: flags & format.FACTS ? readFacts(cursor, wordsOfKind) : [],
      frames: flags & format.FRAMES ? readFrames(cursor, layout, seats) : [],
      hash: flags & format.HASH ? cursor.hex(8) : null,
      counts: layout.topics.map(() => cursor.varint()),
      shed: layout.topics.map(() => (flags & format.SHED ? cursor.varint() : 0)),
      ended: (flags & format.ENDED) !== 0,
    };
    if (!cursor.atEnd) throw new RecordDamaged("unexpected bytes after the end of the record");
    return decoded;
  }

  private wordsOfKind(layout: RecordLayout, seats: number): readonly number[] {
    let bySeats = this.wordsOfKinds.get(layout);
    if (bySeats === undefined) this.wordsOfKinds.set(layout, (bySeats = []));
    return (bySeats[seats] ??= layout.events.map((event) => wordsIn(event, seats)));
  }
}

export function isTickRecord(bytes: Uint8Array): boolean {
  return bytes.length >= format.TICK_AT + 4 && bytes[0] === format.TICK_RECORD;
}

/** The match id as 32 hex digits, without decoding the rest. Only for bytes that pass `isTickRecord`. */
export function matchKeyIn(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    "hex",
    format.MATCH_ID_AT,
    format.LAYOUT_ID_AT,
  );
}

/** The record's tick. Only for bytes that pass `isTickRecord`. */
export function tickIn(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(format.TICK_AT);
}

/** Whether the record is the last of its match. Only for bytes that pass `isTickRecord`. */
export function endsMatch(bytes: Uint8Array): boolean {
  return (bytes[1] & format.ENDED) !== 0;
}

/** Null if the definition is damaged. Then the records that need it cannot be read, but all others can. */
function parseLayout(json: Uint8Array, id: number): RecordLayout | null {
  try {
    const layout = JSON.parse(Buffer.from(json).toString("utf8")) as RecordLayout;
    return layoutIdOf(layout) === id ? layout : null;
  } catch {
    return null;
  }
}

function layoutIdIn(bytes: Uint8Array): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readUInt32LE(format.LAYOUT_ID_AT);
}

function readFacts(cursor: RecordCursor, wordsOfKind: readonly number[]): number[] {
  const facts: number[] = [];
  for (let tag = cursor.varint(); tag !== 0; tag = cursor.varint()) {
    const kind = tag - 1;
    if (kind >= wordsOfKind.length) throw new RecordDamaged(`unknown kind of fact ${kind}`);
    facts.push(kind);
    readWords(cursor, wordsOfKind[kind], facts);
  }
  return facts;
}

function readFrames(cursor: RecordCursor, layout: RecordLayout, seats: number): number[] {
  const frames: number[] = [];
  for (let tag = cursor.varint(); tag !== 0; tag = cursor.varint()) {
    if (tag > seats) throw new RecordDamaged(`frame of seat ${tag - 1} in a match with ${seats} seats`);
    frames.push(tag - 1);
    readWords(cursor, layout.frame.length, frames);
  }
  return frames;
}

function readWords(cursor: RecordCursor, count: number, words: number[]): void {
  for (let at = 0; at < count; at++) words.push(cursor.signed());
}

function object<T>(value: unknown): T {
  if (typeof value !== "object" || value === null) throw new RecordDamaged("expected an object");
  return value as T;
}

function objects<T>(cursor: RecordCursor): T[] {
  const value = cursor.json();
  if (!Array.isArray(value)) throw new RecordDamaged("expected an array");
  return value.map((entry) => object<T>(entry));
}
