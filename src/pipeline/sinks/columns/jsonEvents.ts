/** Adds the events of a message to columns straight from their JSON. */
import { addToList, type EventColumns, NO_TEXT } from "./EventColumns.ts";
import type { EventShape } from "./EventShape.ts";
import type { JsonCursor } from "./JsonCursor.ts";
import { expected } from "./words.ts";

const END = expected("]}");
const NULL = expected("null");
const OPEN_LIST = expected("[");
const CLOSE_LIST = expected("]");
const [COMMA, BRACKET, LETTER_N] = [44, 93, 110];

/** Adds the events up to the end of the message. Returns whether all could be read. */
export function addJson(cursor: JsonCursor, columns: EventColumns): boolean {
  do {
    readEvent(cursor, columns);
    if (cursor.hasFailed) return false;
  } while (cursor.trySkip(COMMA));
  cursor.skip(END);
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
