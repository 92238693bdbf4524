/**
 * Decodes messages of one topic into columns, and checks them on the way: from the rows that a message offers, or straight from the JSON
 * that the relay writes. For any other message it returns null, and `decodeMessage` reads it or says what is wrong with it.
 */
import { isUuidV7 } from "../../events/eventDate.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import type { EventRows, MatchHead } from "../../log/MessageEvents.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import type { ColumnTick, EventColumns } from "./EventColumns.ts";
import { type EventShape, shapeOfEvent } from "./EventShape.ts";
import { JsonCursor } from "./JsonCursor.ts";
import { addJson } from "./jsonEvents.ts";
import { RowColumns } from "./RowColumns.ts";
import { expected, isPlain } from "./words.ts";

interface KnownMatch extends MatchHead {
  /** The JSON of the message up to its tick. */
  readonly bytes: Buffer;
  /** By kind; empty for topics whose events have no kind. */
  readonly shapes: readonly EventShape[];
}

/** What a message contains before its events. */
export interface TickHead {
  readonly match: MatchHead;
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
}

interface JsonHead extends TickHead {
  readonly match: KnownMatch;
  /** Position of the first event. */
  readonly eventsAt: number;
}

/** Above this number of matches, all are forgotten. */
const REMEMBERED_MATCHES = 2000;
const TICK_MAX = 0xffffffff;
const AT_MAX = 8.64e15;
const UUID_LENGTH = 36;
/** About what the JSON of an event has for each byte of its names, with the values. */
const BYTES_PER_BYTE_OF_NAMES = 2;

const head = {
  v: expected('{"v":'),
  game: expected(',"game":'),
  matchId: expected(',"matchId":'),
  roomId: expected(',"roomId":'),
  mode: expected(',"mode":'),
  tick: expected(',"tick":'),
  at: expected(',"at":'),
  events: expected(',"events":['),
};

export class TopicColumns {
  readonly #topic: string;
  readonly #catalogue: EventCatalogue;
  readonly #matches = new Map<string, KnownMatch>();
  /** By game. */
  readonly #shapes: ReadonlyMap<string, readonly EventShape[]>;
  readonly #cursor = new JsonCursor();
  readonly #rowColumns = new RowColumns();
  /** The shapes of the matches of rows; none if the match is left to `decodeMessage`. */
  readonly #matchesOfRows = new WeakMap<MatchHead, readonly EventShape[]>();
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
  readHead(message: LogMessage): TickHead | null {
    const { rows } = message;
    return rows !== undefined && this.#shapesOfRows(message, rows).length > 0 ? rows : this.#readJsonHead(message);
  }

  /** @param columnsOf returns the columns to which the events are added */
  read(message: LogMessage, columnsOf: (shape: EventShape) => EventColumns): ColumnTick | null {
    const { rows } = message;
    return (rows === undefined ? null : this.#readRows(message, rows, columnsOf)) ?? this.#readJson(message, columnsOf);
  }

  #readRows(message: LogMessage, rows: EventRows, columnsOf: (shape: EventShape) => EventColumns): ColumnTick | null {
    const shape = this.#shapesOfRows(message, rows).find(({ kind }) => kind === rows.kind);
    if (shape === undefined) return null;
    const columns = columnsOf(shape);
    const from = columns.length;
    if (!this.#rowColumns.add(rows, columns, this.#likely.get(shape) ?? 0)) {
      columns.length = from;
      return null;
    }
    this.#likely.set(shape, columns.length);
    const bytes = rows.length * shape.bytesMin * BYTES_PER_BYTE_OF_NAMES;
    return { type: "columns", message, value: rows.match, ...tickOf(rows), columns, from, to: columns.length, bytes };
  }

  /** None if the part before the events is not valid, or does not agree with the header `id`. */
  #shapesOfRows({ headers: { id } }: LogMessage, { match, tick, at, length }: EventRows): readonly EventShape[] {
    let shapes = this.#matchesOfRows.get(match);
    if (shapes === undefined) {
      const { v, game, matchId, roomId, mode } = match;
      const isValid = isUuidV7(matchId) && isPlain(roomId) && isPlain(mode);
      shapes = isValid && v === this.#catalogue.versions(this.#topic, game).current ? this.#shapes.get(game) : [];
      this.#matchesOfRows.set(match, (shapes ??= []));
    }
    const isValid = length > 0 && isCount(tick, TICK_MAX) && isCount(at, AT_MAX);
    return isValid && id === `${match.matchId}:${tick}:${this.#topic}` ? shapes : [];
  }

  #readJsonHead({ value, headers: { id } }: LogMessage): JsonHead | null {
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

  #readJson(message: LogMessage, columnsOf: (shape: EventShape) => EventColumns): ColumnTick | null {
    const read = this.#readJsonHead(message);
    if (read === null) return null;
    const { match, eventsAt } = read;
    const bytes = message.value!.length;
    for (const shape of match.shapes) {
      const columns = columnsOf(shape);
      const from = columns.length;
      this.#cursor.restart(eventsAt);
      columns.reserve(Math.ceil((bytes - eventsAt) / shape.bytesMin), this.#likely.get(shape) ?? 0);
      if (addJson(this.#cursor, columns)) {
        this.#likely.set(shape, columns.length);
        return { type: "columns", message, value: match, ...tickOf(read), columns, from, to: columns.length, bytes };
      }
      columns.length = from;
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

function tickOf({ tick, at }: TickHead): Pick<ColumnTick, "tick" | "at"> {
  return { tick, at };
}

function isCount(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function beginsWith(value: Buffer, bytes: Buffer): boolean {
  return value.length >= bytes.length && value.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}
