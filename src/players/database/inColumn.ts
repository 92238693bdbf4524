import { sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";

/** The placeholder `name` as a column of an `insert … select`. */
export const inColumn = (column: AnyPgColumn, name: string) =>
  sql`${sql.param(sql.placeholder(name), column)}`.as(column.name);
