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
    | "jsonb"
    | "timestamp with time zone";
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

export function column(name: string, type: Column["type"]): Column {
  return { name, type };
}
