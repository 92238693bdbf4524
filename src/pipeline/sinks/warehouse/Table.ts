/** Owns the description of the warehouse's tables: names, columns and keys, as data from which DDL and loading are made. */

export interface Column {
  readonly name: string;
  /** PostgreSQL's own name of the type, as `format_type` tells it. */
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
  /** Whether it is partitioned by `event_date`, a partition a UTC day. Otherwise its rows are kept or deleted one by one. */
  readonly byDay: boolean;
}

export const SCHEMA = "dw";

export function column(name: string, type: Column["type"]): Column {
  return { name, type };
}
