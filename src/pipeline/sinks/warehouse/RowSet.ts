/**
 * Owns the rows of one table that wait for one INSERT, column by column, and that INSERT.
 *
 * Rows that are there already are the exception, and looking for them costs as much as the insertion itself. So rows may first be
 * inserted as if all were new (`insertAsNew`); where one is not, PostgreSQL refuses the whole (23505), and the caller inserts
 * again with conflicts resolved.
 */
import { arrayOf, type Element, NULL, quoted } from "../../../platform/sql/arrays.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { type Column, SCHEMA, type Table } from "./Table.ts";

/** How an element of a column travels, and how it becomes the column's value. */
interface ColumnEncoding {
  readonly array: string;
  readonly value: (name: string) => string;
  readonly element: (value: never) => Element;
}

const unchanged = (name: string) => name;
const plain = (value: number | string | boolean) => String(value);

const encodings: Record<Column["type"], ColumnEncoding> = {
  date: { array: "date[]", value: unchanged, element: plain },
  uuid: { array: "uuid[]", value: unchanged, element: plain },
  bigint: { array: "bigint[]", value: unchanged, element: plain },
  integer: { array: "integer[]", value: unchanged, element: plain },
  boolean: { array: "boolean[]", value: unchanged, element: plain },
  real: { array: "real[]", value: unchanged, element: plain },
  text: { array: "text[]", value: unchanged, element: quoted },
  // Arrays of arrays would have to be rectangular, and unnest would flatten them.
  "text[]": {
    array: "text[]",
    value: (name) => `${name}::text[]`,
    element: (value: readonly string[]) => quoted(arrayOf(value.map(quoted))),
  },
  jsonb: { array: "text[]", value: (name) => `${name}::jsonb`, element: (value) => quoted(JSON.stringify(value)) },
  // Unix ms.
  "timestamp with time zone": {
    array: "bigint[]",
    value: (name) => `to_timestamp(${name} * 0.001)`,
    element: plain,
  },
};

/** A value of a row as an element of its column; null and undefined become NULL. */
export function elementOf(type: Column["type"], value: unknown): Element {
  return value === null || value === undefined ? NULL : encodings[type].element(value as never);
}

export class RowSet {
  readonly #columns: Element[][];
  readonly #types: readonly Column["type"][];
  readonly #insert: string;
  readonly #onConflict: string;

  constructor(table: Table, onConflict = "DO NOTHING") {
    this.#columns = table.columns.map(() => []);
    this.#types = table.columns.map(({ type }) => type);
    this.#insert = insertStatement(table);
    this.#onConflict = `ON CONFLICT (${table.key.join(", ")}) ${onConflict}`;
  }

  get size(): number {
    return this.#columns[0].length;
  }

  /** Values in the order of the table's columns. */
  add(values: readonly unknown[]): void {
    this.addElements(values.map((value, at) => elementOf(this.#types[at], value)));
  }

  /** As `add`, for values that the caller has encoded already. */
  addElements(elements: readonly Element[]): void {
    for (let at = 0; at < elements.length; at++) this.#columns[at].push(elements[at]);
  }

  /** What is there already is left alone, or changed as the table's `onConflict` says. */
  async insert(tx: SqlRunner): Promise<void> {
    if (this.size > 0) await tx.query(`${this.#insert} ${this.#onConflict}`, this.#columns.map(arrayOf));
  }

  /** Rejects with 23505 where a row is there already, or is given twice. */
  async insertAsNew(tx: SqlRunner): Promise<void> {
    if (this.size > 0) await tx.query(this.#insert, this.#columns.map(arrayOf));
  }
}

const UNIQUE_VIOLATION = "23505";

export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: string }).code === UNIQUE_VIOLATION;
}

function insertStatement(table: Table): string {
  const names = table.columns.map(({ name }) => `"${name}"`);
  // In the SELECT list rather than in FROM, where each array would be stored once more before its rows are joined.
  const arrays = table.columns.map(({ type }, at) => `unnest($${at + 1}::${encodings[type].array}) AS ${names[at]}`);
  const values = table.columns.map(({ type }, at) => encodings[type].value(`r.${names[at]}`));
  return `INSERT INTO ${SCHEMA}."${table.name}" AS t (${names.join(", ")})
    SELECT ${values.join(", ")} FROM (SELECT ${arrays.join(", ")}) AS r`;
}
