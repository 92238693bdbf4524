/**
 * The rows of one table, by column, and the INSERT that stores them all.
 *
 * Rows that already exist are rare, and checking for them costs as much as the insertion. So `insertAsNew` inserts without a
 * check. If a row exists, PostgreSQL refuses the whole statement (23505), and the caller uses `insert`, which resolves conflicts.
 */
import { arrayOf, type Element, NULL, quoted } from "../../../platform/sql/arrays.ts";
import type { SqlRunner } from "../../../platform/sql/Sql.ts";
import { type Column, SCHEMA, type Table } from "./Table.ts";

/** How a column's values are sent: the type of the array, the SQL that converts an element, and the text of an element. */
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
  "double precision": { array: "double precision[]", value: unchanged, element: plain },
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

/** A value as an element of its column's array; null and undefined become NULL. */
function elementOf(type: Column["type"], value: unknown): Element {
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
    this.#insert = insertStatement(table, (type) => encodings[type]);
    this.#onConflict = onConflictClause(table, onConflict);
  }

  get size(): number {
    return this.#columns[0].length;
  }

  /** Values in the order of the table's columns. */
  add(values: readonly unknown[]): void {
    for (const [at, value] of values.entries()) this.#columns[at].push(elementOf(this.#types[at], value));
  }

  /** An existing row is kept, or changed as `onConflict` says. */
  async insert(tx: SqlRunner): Promise<void> {
    if (this.size > 0) await tx.query(`${this.#insert} ${this.#onConflict}`, this.#columns.map(arrayOf));
  }

  /** Rejects (`isUniqueViolation`) if a row already exists or was added twice. */
  async insertAsNew(tx: SqlRunner): Promise<void> {
    if (this.size > 0) await tx.query(this.#insert, this.#columns.map(arrayOf));
  }
}

/** Transactions that change the same rows in different orders could deadlock. */
export function sortedByKey<R>(rows: ReadonlyMap<string, R>): R[] {
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

const UNIQUE_VIOLATION = "23505";

export function isUniqueViolation(error: unknown): boolean {
  return (error as { code?: string }).code === UNIQUE_VIOLATION;
}

export function onConflictClause({ key }: Table, action: string): string {
  return `ON CONFLICT (${key.join(", ")}) ${action}`;
}

/** An INSERT of rows whose columns are parameters. */
export function insertStatement(
  table: Table,
  encodingOf: (type: Column["type"]) => Pick<ColumnEncoding, "array" | "value">,
): string {
  const names = table.columns.map(({ name }) => `"${name}"`);
  // `unnest` in the SELECT list, because in FROM each array would be stored once more before its rows are joined.
  const arrays = table.columns.map(({ type }, at) => `unnest($${at + 1}::${encodingOf(type).array}) AS ${names[at]}`);
  const values = table.columns.map(({ type }, at) => encodingOf(type).value(`r.${names[at]}`));
  return `INSERT INTO ${SCHEMA}."${table.name}" AS t (${names.join(", ")})
    SELECT ${values.join(", ")} FROM (SELECT ${arrays.join(", ")}) AS r`;
}
