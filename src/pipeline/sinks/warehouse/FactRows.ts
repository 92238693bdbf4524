/**
 * The rows of one fact table, by column: one row per event of a tick. Facts are most of the rows of the warehouse, so their columns are
 * sent in binary form. Their values have passed the schemas of the events, so each has the type of its column.
 */
import { arrayOf, quoted } from "../../../platform/sql/arrays.ts";
import { BinaryArray, type BinaryType, textElement } from "../../../platform/sql/BinaryArray.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { type ColumnTick, type EventColumns, NO_TEXT } from "../columns/EventColumns.ts";
import type { EventShape } from "../columns/EventShape.ts";
import type { TextTable } from "../columns/TextTable.ts";
import type { DecodedTick } from "../decodeMessage.ts";
import { insertStatement, onConflictClause } from "./RowSet.ts";
import type { Column } from "./Table.ts";
import type { FactTable } from "./tables.ts";

/** Lists and JSON are sent as texts: arrays of arrays would have to be rectangular, and unnest would flatten them. */
const sentAsText: ReadonlySet<Column["type"]> = new Set(["text[]", "jsonb"]);

/** The bytes of each column of the rows that were stored last: the next ones have likely as many. */
const recentSizes = new WeakMap<FactTable, readonly number[]>();

export class FactRows {
  readonly #table: FactTable;
  readonly #known: ReadonlySet<string>;
  readonly #columns: readonly BinaryArray[];
  /** Position of the first column of a field. */
  readonly #fieldsAt: number;
  /** By shape: for each field of the table its position in the shape, or -1. */
  readonly #positions = new Map<EventShape, readonly number[]>();
  readonly #texts = new TextElements();

  constructor(table: FactTable) {
    this.#table = table;
    this.#known = new Set(["i", ...table.fields.map(({ field }) => field)]);
    const sizes = recentSizes.get(table) ?? [];
    this.#columns = table.columns.map(({ type }, at) => new BinaryArray(binaryTypeOf(type), sizes[at]));
    this.#fieldsAt = table.columns.length - 1 - table.fields.length;
  }

  addTick({ value: { matchId, tick, at, events } }: DecodedTick, eventDate: string): void {
    this.#addHead(events.length, eventDate, matchId, tick, at);
    const { fields } = this.#table;
    for (const event of events) {
      this.#columns[INDEX_AT].addInteger(event.i);
      for (let field = 0; field < fields.length; field++)
        addValue(this.#columns[this.#fieldsAt + field], event[fields[field].field]);
      addValue(this.#columns.at(-1)!, this.#extraOf(event));
    }
  }

  addColumns({ value: { matchId }, tick, at, columns, from, to }: ColumnTick, eventDate: string): void {
    this.#addHead(to - from, eventDate, matchId, tick, at);
    this.#columns[INDEX_AT].addIntegers(columns.index.subarray(from, to));
    for (const [field, position] of this.#positionsIn(columns.shape).entries())
      this.#addField(this.#columns[this.#fieldsAt + field], columns, position, from, to);
    // A message with fields that are not known is not decoded into columns.
    addNulls(this.#columns.at(-1)!, to - from);
  }

  /** An existing row is kept. */
  async insert(tx: SqlRunner): Promise<void> {
    await this.#insert(tx, onConflictClause(this.#table, "DO NOTHING"));
  }

  /** Rejects (`isUniqueViolation`) if a row already exists or was added twice. */
  async insertAsNew(tx: SqlRunner): Promise<void> {
    await this.#insert(tx, "");
  }

  async #insert(tx: SqlRunner, onConflict: string): Promise<void> {
    const statement = `${insertStatement(this.#table, encodingOf)} ${onConflict}`;
    const parameters = this.#columns.map((column) => column.finish());
    recentSizes.set(
      this.#table,
      parameters.map(({ length }) => length),
    );
    await tx.query(statement, parameters);
  }

  /** Adds what is the same for all events of a tick. */
  #addHead(rows: number, eventDate: string, matchId: string, tick: number, at: number): void {
    const [dates, matches, ticks, , times] = this.#columns;
    dates.addDate(eventDate);
    matches.addUuid(matchId);
    ticks.addBigint(tick);
    times.addTime(at);
    for (const column of [dates, matches, ticks, times]) column.repeat(rows - 1);
  }

  #positionsIn(shape: EventShape): readonly number[] {
    let positions = this.#positions.get(shape);
    if (positions === undefined) {
      positions = this.#table.fields.map(({ field }) => shape.fields.findIndex((one) => one.field === field));
      this.#positions.set(shape, positions);
    }
    return positions;
  }

  #addField(column: BinaryArray, columns: EventColumns, field: number, from: number, to: number): void {
    if (field < 0) {
      addNulls(column, to - from);
      return;
    }
    const { as } = columns.shape.fields[field];
    const values = columns.fields[field].values.subarray(from, to);
    if (as === "int") column.addIntegers(values);
    else if (as === "text") this.#texts.addTo(column, columns.texts, values);
    else for (let event = from; event < to; event++) addValue(column, columns.valueOf(field, event));
  }

  /** The fields that have no column, as JSON. */
  #extraOf(event: Readonly<Record<string, unknown>>): string | null {
    let extra: Record<string, unknown> | null = null;
    for (const field in event) {
      if (!this.#known.has(field)) (extra ??= {})[field] = event[field];
    }
    return extra && JSON.stringify(extra);
  }
}

const INDEX_AT = 3;

/** Facts have no columns of other types. */
function binaryTypeOf(type: Column["type"]): BinaryType {
  return sentAsText.has(type) ? "text" : (type as BinaryType);
}

function encodingOf(type: Column["type"]) {
  const isText = sentAsText.has(type);
  return { array: isText ? "text[]" : `${type}[]`, value: (name: string) => (isText ? `${name}::${type}` : name) };
}

function addNulls(column: BinaryArray, count: number): void {
  column.addNull();
  column.repeat(count - 1);
}

/** A value of an event's field; null and undefined become NULL. */
function addValue(column: BinaryArray, value: unknown): void {
  if (value === null || value === undefined) column.addNull();
  else if (typeof value === "number") column.addInteger(value);
  else column.addText(Array.isArray(value) ? arrayOf(value.map(quoted)) : (value as string));
}

/** Texts as elements of arrays, each of which is made only once. */
class TextElements {
  #texts: TextTable | null = null;
  #elements: Uint8Array[] = [];

  /** @param codes of `texts` */
  addTo(column: BinaryArray, texts: TextTable, codes: Int32Array): void {
    if (this.#texts !== texts) this.#elements = [];
    this.#texts = texts;
    for (const code of codes) {
      if (code === NO_TEXT) column.addNull();
      else column.addElement((this.#elements[code] ??= textElement(texts.textOf(code))));
    }
  }
}
