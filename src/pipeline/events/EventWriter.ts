/**
 * Writes the events of one kind as JSON, straight from the words of a fact or of a frame. What does not depend on the words (names
 * of fields, constant values) is turned into bytes once.
 */
import type { FieldPacking } from "../../game/events.ts";
import type { IdTable } from "./IdTable.ts";
import type { JsonBuffer } from "./JsonBuffer.ts";
import { RecordDamaged } from "./RecordCursor.ts";
import type { EventLayout, RecordLayout } from "./RecordLayout.ts";

/** A value that depends on the words. */
interface Field {
  readonly as: FieldPacking["as"] | "index";
  readonly name: string;
  /** Its first word is `word + groups * ceil(seats / 32)`. */
  readonly word: number;
  readonly groups: number;
  /** For `as: "name"`: the JSON of the names. */
  readonly names: readonly Buffer[];
}

interface Part extends Field {
  /** What is written before the value. */
  readonly before: Buffer;
}

const INTEGER_BYTES = 11;
const NULL = Buffer.from("null");
const [COMMA, OPEN, CLOSE] = [44, 91, 93];
const index: Field = { as: "index", name: "i", word: 0, groups: 0, names: [] };

export class EventWriter {
  readonly #parts: readonly Part[];
  readonly #end: Buffer;
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
        parts.push({ ...value, before: Buffer.from(before) });
        before = "";
      }
    }
    this.#parts = parts;
    this.#end = Buffer.from(`${before}}`);
    const longest = parts.map(({ names, before: { length } }) =>
      Math.max(length + INTEGER_BYTES, ...names.map((json) => length + json.length)),
    );
    this.#fixedBytes = longest.reduce((sum, bytes) => sum + bytes, this.#end.length);
    this.#onePlayer = parts.filter(({ as }) => as === "seat").length;
    this.#severalPlayers = parts.filter(({ as }) => as === "seats").length;
  }

  /** Writes the event `i` whose words begin at `words[at]`. Throws `RecordDamaged` if a word has no valid meaning. */
  write(out: JsonBuffer, i: number, words: readonly number[], at: number, table: IdTable): void {
    const seats = table.players.length;
    const wordsOfGroup = Math.ceil(seats / 32);
    const players = this.#onePlayer + this.#severalPlayers * seats;
    out.reserve(this.#fixedBytes + players * (table.longestPlayer + 1));
    for (const part of this.#parts) {
      out.copy(part.before);
      const from = at + part.word + part.groups * wordsOfGroup;
      switch (part.as) {
        case "int":
          out.integer(words[from]);
          break;
        case "index":
          out.integer(i);
          break;
        case "seat":
          out.copy(words[from] === -1 ? NULL : playerOf(table, words[from]));
          break;
        case "seats":
          writePlayers(out, words, from, table);
          break;
        default:
          out.copy(nameOf(part, words[from]));
      }
    }
    out.copy(this.#end);
  }
}

/** The writer of a fact, without `kind` if its topic has only this kind. */
export function factWriter({ name, fields }: EventLayout, withKind: boolean): EventWriter {
  const members: Record<string, Field> = {};
  let [word, groups] = [0, 0];
  for (const { name: field, as, names = [] } of fields) {
    members[field] = { as, name: field, word, groups, names: names.map(toJson) };
    if (as === "seats") groups++;
    else word++;
  }
  return new EventWriter({ i: index, ...(withKind ? { kind: JSON.stringify(name) } : {}), ...members });
}

/** The writer of a frame, whose first word is the seat. */
export function frameWriter({ frame }: RecordLayout): EventWriter {
  const members: Record<string, Field | string> = { kind: '"frame"' };
  for (const [word, name] of ["seat", ...frame].entries()) members[name] = { ...index, as: "int", name, word };
  return new EventWriter({ i: index, ...members });
}

function toJson(text: string): Buffer {
  return Buffer.from(JSON.stringify(text));
}

function nameOf({ name, names }: Part, word: number): Buffer {
  const json = names[word];
  if (json === undefined) throw new RecordDamaged(`field ${name} has no name with number ${word}`);
  return json;
}

function playerOf({ playersJson }: IdTable, seat: number): Buffer {
  const json = playersJson[seat];
  if (json === undefined) throw new RecordDamaged(`fact of seat ${seat} in a match with ${playersJson.length} seats`);
  return json;
}

function writePlayers(out: JsonBuffer, words: readonly number[], from: number, { playersJson }: IdTable): void {
  out.bytes[out.length++] = OPEN;
  let isFirst = true;
  for (let seat = 0; seat < playersJson.length; seat++) {
    if (((words[from + (seat >> 5)] >>> (seat & 31)) & 1) === 0) continue;
    if (!isFirst) out.bytes[out.length++] = COMMA;
    isFirst = false;
    out.copy(playersJson[seat]);
  }
  out.bytes[out.length++] = CLOSE;
}
