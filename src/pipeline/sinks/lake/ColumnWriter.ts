/** Turns the events of a tick in columns into rows, column by column. */
import { uuidV7TimeMs } from "../../events/eventDate.ts";
import type { ColumnTick, EventColumns } from "../columns/EventColumns.ts";
import type { EventShape } from "../columns/EventShape.ts";
import type { ColumnRows } from "./ColumnRows.ts";
import { type ColumnType, toColumn } from "./columnTypes.ts";
import { DictionaryRows } from "./DictionaryRows.ts";
import { type Columns, dayOf, originOf } from "./headOfRow.ts";
import { Int32Rows } from "./Int32Rows.ts";
import { eventKey, type LakeTable } from "./lakeTables.ts";

/** Where the fields of a shape are stored. */
interface Placement {
  /** The position of a field in the shape, and in the table's fields. */
  readonly placed: readonly (readonly [number, number])[];
  /** The table's fields that the events do not have. */
  readonly empty: readonly number[];
  /** The fields of the shape that have no column. */
  readonly extra: readonly number[];
}

export class ColumnWriter {
  readonly #table: LakeTable;
  readonly #fieldsAt: number;
  readonly #tailAt: number;
  readonly #placements = new Map<EventShape, Placement>();

  constructor(table: LakeTable) {
    this.#table = table;
    this.#fieldsAt = table.head.length;
    this.#tailAt = table.head.length + table.fields.length;
  }

  write({ value, tick, at, message, columns: events, from, to }: ColumnTick, columns: Columns): void {
    const { v, game, matchId, roomId, mode } = value;
    const { kind } = events.shape;
    const rows = to - from;
    const before = [dayOf(uuidV7TimeMs(matchId)), matchId, tick];
    fill(columns, 0, before, rows);
    addIntegers(columns[before.length], events.index, from, to);
    fill(columns, before.length + 1, [kind === "" ? null : kind, at, v, game, roomId, mode], rows);
    this.#writeFields(events, from, to, this.#placementOf(events.shape, game), columns);
    fill(columns, this.#tailAt + 1, [null, ...originOf(message)], rows);
  }

  #placementOf(shape: EventShape, game: string): Placement {
    let placement = this.#placements.get(shape);
    if (placement === undefined) this.#placements.set(shape, (placement = place(shape, game, this.#table)));
    return placement;
  }

  #writeFields(
    events: EventColumns,
    from: number,
    to: number,
    { placed, empty, extra }: Placement,
    columns: Columns,
  ): void {
    const rows = to - from;
    for (const [field, position] of placed) {
      const { type } = this.#table.fields[position];
      addField(columns[this.#fieldsAt + position], type, events, field, from, to);
    }
    for (const position of empty) columns[this.#fieldsAt + position].fill(null, rows);
    const ofExtra = columns[this.#tailAt];
    if (extra.length === 0) ofExtra.fill(null, rows);
    else for (let event = from; event < to; event++) ofExtra.add(extraOf(events, extra, event));
  }
}

function place({ fields, kind }: EventShape, game: string, table: LakeTable): Placement {
  const positions = table.fieldPositions.get(eventKey(game, kind));
  const placed: [number, number][] = [];
  const extra: number[] = [];
  for (const [at, { field }] of fields.entries()) {
    const found = positions?.get(field);
    if (found === undefined) extra.push(at);
    else placed.push([at, found.position]);
  }
  const empty = [...table.fields.keys()].filter((position) => !placed.some(([, to]) => to === position));
  return { placed, empty, extra };
}

function fill(columns: Columns, from: number, values: readonly unknown[], rows: number): void {
  for (let at = 0; at < values.length; at++) columns[from + at].fill(values[at], rows);
}

function addField(
  rows: ColumnRows,
  type: ColumnType,
  events: EventColumns,
  field: number,
  from: number,
  to: number,
): void {
  const { as } = events.shape.fields[field];
  const { values } = events.fields[field];
  if (as === "int" && (type === "int32" || type === "int64")) addIntegers(rows, values, from, to);
  else if (as === "text" && type === "text" && rows instanceof DictionaryRows)
    rows.addTexts(events.texts, values, from, to);
  else for (let event = from; event < to; event++) rows.add(toColumn(type, events.valueOf(field, event)));
}

function addIntegers(rows: ColumnRows, values: Int32Array, from: number, to: number): void {
  if (rows instanceof Int32Rows || rows instanceof DictionaryRows) rows.addIntegers(values, from, to);
  else for (let at = from; at < to; at++) rows.add(values[at]);
}

function extraOf(events: EventColumns, fields: readonly number[], event: number): string {
  const values = fields.map((field) => [events.shape.fields[field].field, events.valueOf(field, event)] as const);
  return JSON.stringify(Object.fromEntries(values));
}
