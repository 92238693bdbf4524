/**
 * A second, simple implementation of the contract: decodes a record into an object per event. Its messages must be those that
 * `MessageWriter` writes as bytes.
 */
import type { InputEvents, RoomMatchEvent } from "../../../schema/matchEvents.ts";
import { unpackField, wordsOfField } from "../../../src/game/events.ts";
import type { MatchEvent, RecordOrigin, TickValue } from "../../../src/pipeline/events/messages.ts";
import { RecordCursor, RecordDamaged } from "../../../src/pipeline/events/RecordCursor.ts";
import {
  type EventLayout,
  INPUT_TOPIC_INDEX,
  layoutName,
  MATCH_TOPIC_INDEX,
  type RecordLayout,
  wordsIn,
} from "../../../src/pipeline/events/RecordLayout.ts";
import * as format from "../../../src/pipeline/events/tickFormat.ts";

export interface TickMessage {
  /** `logs_…`, without a namespace. */
  readonly topic: string;
  /** The match id. */
  readonly key: string;
  /** `id`: `matchId:tick:topic`. `seq`: `outboxId:recordNumber`. */
  readonly headers: { readonly id: string; readonly seq: string };
  readonly value: TickValue;
}

interface DecodedFact {
  readonly kind: number;
  readonly words: readonly number[];
}

interface DecodedFrame {
  readonly seat: number;
  readonly values: readonly number[];
}

interface DecodedRecord {
  readonly layout: RecordLayout;
  readonly layoutId: number;
  readonly matchId: string;
  readonly roomId: string;
  readonly mode: string;
  readonly tick: number;
  readonly at: number;
  readonly players: readonly (string | null)[];
  readonly matchEvents: readonly RoomMatchEvent[];
  readonly setup: InputEvents["setup"] | null;
  readonly inputs: readonly (InputEvents["seat"] | InputEvents["command"])[];
  readonly facts: readonly DecodedFact[];
  readonly frames: readonly DecodedFrame[];
  readonly hash: string | null;
  readonly counts: readonly number[];
  readonly shed: readonly number[];
  readonly ended: boolean;
}

/** Throws `RecordDamaged`. */
export function expandToObjects(
  bytes: Uint8Array,
  layouts: ReadonlyMap<number, RecordLayout>,
  origin: RecordOrigin,
): TickMessage[] {
  return expand(decodeObjects(bytes, layouts), origin);
}

function decodeObjects(bytes: Uint8Array, layouts: ReadonlyMap<number, RecordLayout>): DecodedRecord {
  const cursor = new RecordCursor(bytes);
  const version = cursor.byte();
  if (version !== format.TICK_RECORD)
    throw new RecordDamaged(`unknown version ${version} of a tick record: expected ${format.TICK_RECORD}`);
  const flags = cursor.byte();
  const matchId = cursor.uuid();
  const layoutId = cursor.uint32();
  const layout = layouts.get(layoutId);
  if (layout === undefined)
    throw new RecordDamaged(`definition ${layoutName(layoutId)} is missing or damaged in the outbox`);
  const tick = cursor.uint32();
  const at = cursor.float64();
  const seats = cursor.varint();
  if (seats > 255) throw new RecordDamaged(`invalid number of seats ${seats}: expected at most 255`);
  const decoded: DecodedRecord = {
    layout,
    layoutId,
    matchId,
    tick,
    at,
    roomId: cursor.text(),
    mode: cursor.text(),
    players: Array.from({ length: seats }, () => cursor.id()),
    matchEvents: flags & format.MATCH_EVENTS ? objects<RoomMatchEvent>(cursor) : [],
    setup: flags & format.SETUP ? object<InputEvents["setup"]>(cursor.json()) : null,
    inputs: flags & format.INPUTS ? objects<InputEvents["seat"] | InputEvents["command"]>(cursor) : [],
    facts: flags & format.FACTS ? readFacts(cursor, layout, seats) : [],
    frames: flags & format.FRAMES ? readFrames(cursor, layout, seats) : [],
    hash: flags & format.HASH ? cursor.hex(8) : null,
    counts: layout.topics.map(() => cursor.varint()),
    shed: layout.topics.map(() => (flags & format.SHED ? cursor.varint() : 0)),
    ended: (flags & format.ENDED) !== 0,
  };
  if (!cursor.atEnd) throw new RecordDamaged("unexpected bytes after the end of the record");
  return decoded;
}

function readFacts(cursor: RecordCursor, layout: RecordLayout, seats: number): DecodedFact[] {
  const wordsOfKind = layout.events.map((event) => wordsIn(event, seats));
  const facts: DecodedFact[] = [];
  for (let tag = cursor.varint(); tag !== 0; tag = cursor.varint()) {
    const kind = tag - 1;
    if (kind >= wordsOfKind.length) throw new RecordDamaged(`unknown kind of fact ${kind}`);
    facts.push({ kind, words: readWords(cursor, wordsOfKind[kind]) });
  }
  return facts;
}

function readFrames(cursor: RecordCursor, layout: RecordLayout, seats: number): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  for (let tag = cursor.varint(); tag !== 0; tag = cursor.varint()) {
    if (tag > seats) throw new RecordDamaged(`frame of seat ${tag - 1} in a match with ${seats} seats`);
    frames.push({ seat: tag - 1, values: readWords(cursor, layout.frame.length) });
  }
  return frames;
}

function readWords(cursor: RecordCursor, count: number): number[] {
  const words = new Array<number>(count);
  for (let at = 0; at < count; at++) words[at] = cursor.signed();
  return words;
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

/** Player id of a seat that a fact refers to but that nobody has held. */
const NOBODY = "nobody";

function expand(tick: DecodedRecord, origin: RecordOrigin): TickMessage[] {
  const byTopic: MatchEvent[][] = tick.layout.topics.map(() => []);
  let i = 0;
  const add = (topic: number, event: Record<string, unknown>) => byTopic[topic].push({ i: i++, ...event });

  for (const event of tick.matchEvents) {
    add(
      MATCH_TOPIC_INDEX,
      event.kind === "ended" ? { ...event, counts: sums(tick, tick.counts), shed: sums(tick, tick.shed) } : event,
    );
  }
  for (const fact of tick.facts) {
    const event = tick.layout.events[fact.kind];
    if (event.topic === MATCH_TOPIC_INDEX) add(MATCH_TOPIC_INDEX, { kind: event.name, ...fieldsOf(tick, event, fact) });
  }
  for (const fact of tick.facts) {
    const event = tick.layout.events[fact.kind];
    if (event.topic !== MATCH_TOPIC_INDEX) add(event.topic, fieldsOf(tick, event, fact));
  }
  if (tick.setup !== null) add(INPUT_TOPIC_INDEX, tick.setup);
  for (const input of tick.inputs) add(INPUT_TOPIC_INDEX, input);
  for (const { seat, values } of tick.frames) {
    const frame: Record<string, unknown> = { kind: "frame", seat };
    for (let index = 0; index < values.length; index++) frame[tick.layout.frame[index]] = values[index];
    add(INPUT_TOPIC_INDEX, frame);
  }
  if (tick.hash !== null) add(INPUT_TOPIC_INDEX, { kind: "hash", hash: tick.hash });
  return messagesOf(tick, origin, byTopic);
}

function messagesOf(tick: DecodedRecord, origin: RecordOrigin, byTopic: readonly MatchEvent[][]): TickMessage[] {
  const { matchId, roomId, mode, at, layout } = tick;
  const seq = `${origin.outboxId}:${origin.number}`;
  const messages: TickMessage[] = [];
  for (let index = 0; index < byTopic.length; index++) {
    const events = byTopic[index];
    if (events.length === 0) continue;
    const topic = layout.topics[index];
    messages.push({
      topic,
      key: matchId,
      headers: { id: `${matchId}:${tick.tick}:${topic}`, seq },
      value: {
        v: layout.versions?.[topic] ?? 1,
        game: layout.game,
        matchId,
        roomId,
        mode,
        tick: tick.tick,
        at,
        events,
      },
    });
  }
  return messages;
}

function fieldsOf(tick: DecodedRecord, event: EventLayout, { words }: DecodedFact): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  const seats = tick.players.length;
  const playerOf = (seat: number): string => playerAt(tick, seat);
  let offset = 0;
  for (const field of event.fields) {
    const value = unpackField(field, words, offset, seats, playerOf);
    if (value === undefined) throw new RecordDamaged(`field ${field.name} has no name with number ${words[offset]}`);
    fields[field.name] = value;
    offset += wordsOfField(field, seats);
  }
  return fields;
}

function playerAt(tick: DecodedRecord, seat: number): string {
  const player = tick.players[seat];
  if (player === undefined)
    throw new RecordDamaged(`fact of seat ${seat} in a match with ${tick.players.length} seats`);
  return player ?? NOBODY;
}

function sums(tick: DecodedRecord, byTopic: readonly number[]): Record<string, number> {
  const named: Record<string, number> = {};
  for (let topic = 0; topic < byTopic.length; topic++) {
    if (byTopic[topic] > 0) named[tick.layout.topics[topic]] = byTopic[topic];
  }
  return named;
}
