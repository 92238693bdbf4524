/** The description of a warehouse table, from which its DDL and its INSERT are made. */
export interface Column {
  readonly name: string;
  /** PostgreSQL's name of the type, as `format_type` returns it. */
  readonly type:
    | "date"
    | "uuid"
    | "bigint"
    | "integer"
    | "text"
    | "text[]"
    | "boolean"
    | "real"
    | "double precision"
    | "jsonb"
    | "timestamp with time zone";
  /** The value that existing rows get when the column is added; null if omitted. */
  readonly initial?: unknown;
}

export interface Table {
  /** Without the schema. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Whether the table is partitioned by `event_date`, one partition per UTC day. */
  readonly partitionedByDay: boolean;
}

export const SCHEMA = "dw";

export function column(name: string, type: Column["type"], initial?: unknown): Column {
  return initial === undefined ? { name, type } : { name, type, initial };
}
