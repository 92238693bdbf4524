/**
 * Adds events to columns that a message offers as rows, without their JSON. It checks what `TopicColumns` checks in the JSON, and adds
 * the declared defaults.
 */
import type { EventRows } from "../../log/MessageEvents.ts";
import { addToList, type EventColumns, NO_TEXT } from "./EventColumns.ts";
import type { EventShape } from "./EventShape.ts";

/** Which fields of the rows belong to a shape. */
interface Assignment {
  /** By field of the shape: its position in the rows, or -1. */
  readonly positions: readonly number[];
  /** The positions in the rows of the fields that the shape does not have. */
  readonly unknown: readonly number[];
}

export class RowColumns {
  /** By the list of the rows' fields. */
  readonly #assignments = new WeakMap<readonly string[], Map<EventShape, Assignment>>();

  /**
   * Returns whether all events could be added. Otherwise the columns must be set back to the length that they had before.
   * @param likely number of events that the batch is expected to have
   */
  add(rows: EventRows, columns: EventColumns, likely: number): boolean {
    const { positions, unknown } = this.#assign(rows.fields, columns.shape);
    const first = columns.length;
    columns.reserve(rows.length, likely);
    columns.length += rows.length;
    for (let field = 0; field < positions.length; field++)
      if (!addField(rows, positions[field], columns, field, first)) return false;
    for (const position of unknown)
      for (let row = 0; row < rows.length; row++) if (rows.valueAt(row, position) !== undefined) return false;
    const { min, max } = columns.shape.index;
    for (let row = 0; row < rows.length; row++) {
      const index = rows.indexAt(row);
      if (!isIntegerIn(index, min, max)) return false;
      columns.index[first + row] = index;
    }
    return true;
  }

  #assign(fields: readonly string[], shape: EventShape): Assignment {
    let byShape = this.#assignments.get(fields);
    if (byShape === undefined) this.#assignments.set(fields, (byShape = new Map()));
    let assignment = byShape.get(shape);
    if (assignment === undefined) {
      const positions = shape.fields.map(({ field }) => fields.indexOf(field));
      const unknown = [...fields.keys()].filter((position) => !positions.includes(position));
      byShape.set(shape, (assignment = { positions, unknown }));
    }
    return assignment;
  }
}

/** @param position of the field in the rows, or -1. Returns whether the columns can have all values. */
function addField(rows: EventRows, position: number, columns: EventColumns, field: number, first: number): boolean {
  const part = columns.shape.fields[field];
  const { values } = columns.fields[field];
  for (let row = 0; row < rows.length; row++) {
    const value = givenOrDefault(rows, row, position, part);
    if (part.as === "int") {
      if (!isIntegerIn(value, part.min, part.max)) return false;
      values[first + row] = value;
    } else if (part.as === "texts") {
      const end = addTexts(value, columns, field, first + row);
      if (end < 0) return false;
      values[first + row] = end;
    } else if (part.nullable && value === null) {
      values[first + row] = NO_TEXT;
    } else {
      const code = codeOf(value, columns, field);
      if (code === NO_TEXT) return false;
      values[first + row] = code;
    }
  }
  return true;
}

function givenOrDefault(rows: EventRows, row: number, position: number, part: EventShape["index"]): unknown {
  const value = position < 0 ? undefined : rows.valueAt(row, position);
  return value === undefined ? part.default : value;
}

/** Returns where the texts of the event end in the field's list, or -1. */
function addTexts(texts: unknown, columns: EventColumns, field: number, event: number): number {
  if (!Array.isArray(texts)) return -1;
  let end = columns.listStart(field, event);
  for (const text of texts) {
    const code = codeOf(text, columns, field);
    if (code === NO_TEXT) return -1;
    addToList(columns.fields[field], end++, code);
  }
  return end;
}

/** `NO_TEXT` for a value that columns do not have, or that the field does not accept. */
function codeOf(text: unknown, { shape, names, texts }: EventColumns, field: number): number {
  if (typeof text !== "string" || text.length < shape.fields[field].minLength) return NO_TEXT;
  const code = texts.codeOfPlain(text);
  return code === null || names[field]?.includes(code) === false ? NO_TEXT : code;
}

/** Whether the value is a whole number of 32 bits within the limits. */
function isIntegerIn(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && (value | 0) === value && value >= min && value <= max;
}
