/**
 * Decodes messages of one topic straight from their JSON into columns, and checks them on the way. It reads the JSON that the relay
 * writes. For any other message it returns null, and `decodeMessage` reads it or says what is wrong with it.
 */
import { isUuidV7 } from "../../events/eventDate.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import { addToList, type ColumnTick, type EventColumns, type MatchHead, NO_TEXT } from "./EventColumns.ts";
import { type EventShape, shapeOfEvent } from "./EventShape.ts";
import { JsonCursor } from "./JsonCursor.ts";
import { expected } from "./words.ts";

interface KnownMatch extends MatchHead {
  /** The JSON of the message up to its tick. */
  readonly bytes: Buffer;
  /** By kind; empty for topics whose events have no kind. */
  readonly shapes: readonly EventShape[];
}

/** What a message contains before its events. */
export interface TickHead {
  readonly match: KnownMatch;
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
  /** Position of the first event. */
  readonly eventsAt: number;
}

/** Above this number of matches, all are forgotten. */
const REMEMBERED_MATCHES = 2000;
const TICK_MAX = 0xffffffff;
const AT_MAX = 8.64e15;
const UUID_LENGTH = 36;

const head = {
  v: expected('{"v":'),
  game: expected(',"game":'),
  matchId: expected(',"matchId":'),
  roomId: expected(',"roomId":'),
  mode: expected(',"mode":'),
  tick: expected(',"tick":'),
  at: expected(',"at":'),
  events: expected(',"events":['),
  end: expected("]}"),
};
const NULL = expected("null");
const OPEN_LIST = expected("[");
const CLOSE_LIST = expected("]");
const [COMMA, BRACKET, LETTER_N] = [44, 93, 110];

export class TopicColumns {
  readonly #topic: string;
  readonly #catalogue: EventCatalogue;
  readonly #matches = new Map<string, KnownMatch>();
  /** By game. */
  readonly #shapes: ReadonlyMap<string, readonly EventShape[]>;
  readonly #cursor = new JsonCursor();
  /** The events in the columns after the most recent message. The next batch has likely as many. */
  readonly #likely = new Map<EventShape, number>();

  constructor(topic: string, catalogue: EventCatalogue) {
    this.#topic = topic;
    this.#catalogue = catalogue;
    this.#shapes = new Map([...catalogue.games].map((game) => [game, shapesOf(topic, game, catalogue)]));
  }

  /**
   * Reads a message up to its events. Null if this build cannot read that part, or if it does not agree with the header `id`.
   */
  readHead({ value, headers: { id } }: LogMessage): TickHead | null {
    if (value === null || id === undefined) return null;
    const match = this.#matchOf(id.slice(0, UUID_LENGTH), value);
    if (match === null) return null;
    const cursor = this.#cursor;
    cursor.start(value, match.bytes.length);
    cursor.skip(head.tick);
    const tick = cursor.count();
    cursor.skip(head.at);
    const at = cursor.count();
    cursor.skip(head.events);
    const isValid = !cursor.hasFailed && tick <= TICK_MAX && at <= AT_MAX;
    if (!isValid || id !== `${match.matchId}:${tick}:${this.#topic}`) return null;
    return { match, tick, at, eventsAt: cursor.position };
  }

  /** @param columnsOf returns the columns to which the events are added */
  read(message: LogMessage, columnsOf: (shape: EventShape) => EventColumns): ColumnTick | null {
    const read = this.readHead(message);
    if (read === null) return null;
    const { match, tick, at, eventsAt } = read;
    for (const shape of match.shapes) {
      const columns = columnsOf(shape);
      const first = columns.length;
      this.#cursor.restart(eventsAt);
      const eventsMax = Math.ceil((message.value!.length - eventsAt) / shape.bytesMin);
      columns.reserve(eventsMax, this.#likely.get(shape) ?? 0);
      if (readEvents(this.#cursor, columns)) {
        this.#likely.set(shape, columns.length);
        return { type: "columns", message, value: match, tick, at, columns, from: first, to: columns.length };
      }
      columns.length = first;
    }
    return null;
  }

  #matchOf(matchId: string, value: Buffer): KnownMatch | null {
    const known = this.#matches.get(matchId);
    if (known !== undefined && beginsWith(value, known.bytes)) return known;
    const read = this.#readHead(value);
    if (read === null) return null;
    if (this.#matches.size >= REMEMBERED_MATCHES) this.#matches.clear();
    this.#matches.set(matchId, read);
    return read;
  }

  #readHead(value: Buffer): KnownMatch | null {
    const cursor = this.#cursor;
    cursor.start(value, 0);
    cursor.skip(head.v);
    const v = cursor.int();
    cursor.skip(head.game);
    const game = cursor.string();
    cursor.skip(head.matchId);
    const matchId = cursor.string();
    cursor.skip(head.roomId);
    const roomId = cursor.string();
    cursor.skip(head.mode);
    const mode = cursor.string();
    const shapes = this.#shapes.get(game) ?? [];
    if (cursor.hasFailed || shapes.length === 0 || !isUuidV7(matchId)) return null;
    if (v !== this.#catalogue.versions(this.#topic, game).current) return null;
    return { v, game, matchId, roomId, mode, shapes, bytes: Buffer.from(value.subarray(0, cursor.position)) };
  }
}

function shapesOf(topic: string, game: string, catalogue: EventCatalogue): EventShape[] {
  const schemas = catalogue.schemas(topic, game);
  if (schemas === null) return [];
  const all = "only" in schemas ? [["", schemas.only] as const] : [...schemas.byKind];
  return all.map(([kind, schema]) => shapeOfEvent(kind, schema)).filter((shape) => shape !== null);
}

function beginsWith(value: Buffer, bytes: Buffer): boolean {
  return value.length >= bytes.length && value.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

/** Adds the events up to the end of the message. Returns whether all could be read. */
function readEvents(cursor: JsonCursor, columns: EventColumns): boolean {
  do {
    readEvent(cursor, columns);
    if (cursor.hasFailed) return false;
  } while (cursor.trySkip(COMMA));
  cursor.skip(head.end);
  return !cursor.hasFailed && cursor.isAtEnd;
}

function readEvent(cursor: JsonCursor, columns: EventColumns): void {
  const { shape, texts, fields } = columns;
  const row = columns.length++;
  cursor.skip(shape.index.before);
  columns.index[row] = inRange(cursor, shape.index);
  for (let at = 0; at < fields.length; at++) {
    const part = shape.fields[at];
    cursor.skip(part.before);
    if (part.as === "int") {
      fields[at].values[row] = inRange(cursor, part);
    } else if (part.as === "texts") {
      fields[at].values[row] = readTexts(cursor, columns, at, row);
    } else if (part.nullable && cursor.isNext(LETTER_N)) {
      cursor.skip(NULL);
      fields[at].values[row] = NO_TEXT;
    } else {
      const { values } = fields[at];
      const code = cursor.text(texts, part.minLength, row === 0 ? NO_TEXT : values[row - 1]);
      values[row] = code;
      const names = columns.names[at];
      if (names !== null && !names.includes(code)) cursor.hasFailed = true;
    }
  }
  cursor.skip(shape.end);
}

function inRange(cursor: JsonCursor, { min, max }: EventShape["index"]): number {
  const value = cursor.int();
  if (value < min || value > max) cursor.hasFailed = true;
  return value;
}

/** Returns where the texts of the event end in the field's list. */
function readTexts(cursor: JsonCursor, columns: EventColumns, field: number, row: number): number {
  const { minLength } = columns.shape.fields[field];
  let end = columns.listStart(field, row);
  cursor.skip(OPEN_LIST);
  if (cursor.trySkip(BRACKET)) return end;
  do addToList(columns.fields[field], end++, cursor.text(columns.texts, minLength, NO_TEXT));
  while (!cursor.hasFailed && cursor.trySkip(COMMA));
  cursor.skip(CLOSE_LIST);
  return end;
}
