/**
 * Writes the events of one kind as JSON, straight from the words of a fact or of a frame. What does not depend on the words (names
 * of fields, constant values) is turned into bytes once.
 */
import type { FieldPacking } from "../../game/events.ts";
import type { IdTable } from "./IdTable.ts";
import type { JsonBuffer } from "./JsonBuffer.ts";
import { JsonPiece } from "./JsonPiece.ts";
import { type EventLayout, placeFields, type RecordLayout, wordsOfGroup } from "./RecordLayout.ts";
import { unknownName, unknownSeat } from "./wordErrors.ts";

/** A value that depends on the words. */
interface Field {
  readonly as: FieldPacking["as"] | "index";
  readonly name: string;
  /** As in `PlacedField`. */
  readonly word: number;
  readonly groups: number;
  /** For `as: "name"`: the JSON of the names. */
  readonly names: readonly JsonPiece[];
}

interface Part extends Field {
  /** What is written before the value. */
  readonly before: JsonPiece;
}

const INTEGER_BYTES = 11;
/** A piece writes up to so many bytes after itself. */
const MARGIN_BYTES = 3;
const NULL = new JsonPiece("null");
const [COMMA, MINUS, ZERO, OPEN, CLOSE] = [44, 45, 48, 91, 93];
const index: Field = { as: "index", name: "i", word: 0, groups: 0, names: [] };

export class EventWriter {
  readonly #parts: readonly Part[];
  readonly #end: JsonPiece;
  /** Most bytes of an event without its players. */
  readonly #fixedBytes: number;
  /** Numbers of fields with one player, and of those with several. */
  readonly #onePlayer: number;
  readonly #severalPlayers: number;

  /** @param members the event's members in their order; a value is either a field or a JSON text. */
  constructor(members: Readonly<Record<string, Field | string>>) {
    const parts: Part[] = [];
    let before = "{";
    for (const [name, value] of Object.entries(members)) {
      before += `${before === "{" ? "" : ","}${JSON.stringify(name)}:`;
      if (typeof value === "string") before += value;
      else {
        parts.push({ ...value, before: new JsonPiece(before) });
        before = "";
      }
    }
    this.#parts = parts;
    this.#end = new JsonPiece(`${before}}`);
    const longest = parts.map(({ names, before: { length } }) =>
      Math.max(length + INTEGER_BYTES, ...names.map((json) => length + json.length)),
    );
    this.#fixedBytes = longest.reduce((sum, bytes) => sum + bytes, this.#end.length + MARGIN_BYTES);
    this.#onePlayer = parts.filter(({ as }) => as === "seat").length;
    this.#severalPlayers = parts.filter(({ as }) => as === "seats").length;
  }

  /** Writes the event `i` whose words begin at `words[at]`. Throws `RecordDamaged` if a word has no valid meaning. */
  write(out: JsonBuffer, i: number, words: readonly number[], at: number, table: IdTable): void {
    const seats = table.players.length;
    const ofGroup = wordsOfGroup(seats);
    const players = this.#onePlayer + this.#severalPlayers * seats;
    let end = out.begin(this.#fixedBytes + players * (table.longestPlayer + 1));
    const { bytes, view } = out;
    for (const part of this.#parts) {
      end = part.before.writeTo(view, end);
      const from = at + part.word + part.groups * ofGroup;
      switch (part.as) {
        case "int":
          end = writeInteger(bytes, end, words[from]);
          break;
        case "index":
          end = writeInteger(bytes, end, i);
          break;
        case "seat":
          end = (words[from] === -1 ? NULL : playerOf(table, words[from])).writeTo(view, end);
          break;
        case "seats":
          end = writePlayers(out, end, table, (seat) => ((words[from + (seat >> 5)] >>> (seat & 31)) & 1) === 1);
          break;
        default:
          end = nameOf(part, words[from]).writeTo(view, end);
      }
    }
    out.length = this.#end.writeTo(view, end);
  }
}

/** The writer of a fact, without `kind` if its topic has only this kind. */
export function factWriter(event: EventLayout, withKind: boolean): EventWriter {
  const members: Record<string, Field> = {};
  for (const field of placeFields(event)) {
    const names = (field.names ?? []).map((text) => new JsonPiece(JSON.stringify(text)));
    members[field.name] = { ...field, names };
  }
  return new EventWriter({ i: index, ...(withKind ? { kind: JSON.stringify(event.name) } : {}), ...members });
}

/** The writer of a frame, whose first word is the seat. */
export function frameWriter({ frame }: RecordLayout): EventWriter {
  const members: Record<string, Field | string> = { kind: '"frame"' };
  for (const [word, name] of ["seat", ...frame].entries()) members[name] = { ...index, as: "int", name, word };
  return new EventWriter({ i: index, ...members });
}

function nameOf({ name, names }: Part, word: number): JsonPiece {
  const json = names[word];
  if (json === undefined) throw unknownName(name, word);
  return json;
}

function playerOf({ playersJson }: IdTable, seat: number): JsonPiece {
  const json = playersJson[seat];
  if (json === undefined) throw unknownSeat(seat, playersJson.length);
  return json;
}

/** Returns the position after what it has written at `at`. */
function writePlayers(
  { bytes, view }: JsonBuffer,
  at: number,
  { playersJson }: IdTable,
  has: (seat: number) => boolean,
): number {
  let end = at;
  bytes[end++] = OPEN;
  for (let seat = 0; seat < playersJson.length; seat++) {
    if (!has(seat)) continue;
    if (end > at + 1) bytes[end++] = COMMA;
    end = playersJson[seat].writeTo(view, end);
  }
  bytes[end++] = CLOSE;
  return end;
}

/** Writes a whole number of 32 bits at `at`. Returns the position after it. */
function writeInteger(bytes: Buffer, at: number, value: number): number {
  let rest = value;
  let end = at;
  if (rest < 0) {
    bytes[end++] = MINUS;
    rest = -rest;
  }
  for (let limit = 10; rest >= limit; limit *= 10) end++;
  end++;
  let position = end;
  do {
    const next = (rest / 10) | 0;
    bytes[--position] = ZERO + rest - next * 10;
    rest = next;
  } while (rest > 0);
  return end;
}
