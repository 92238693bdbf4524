/** Deletes old days of the warehouse. The state is the row of the table `dw.retention_state`. */
import type { Sql } from "../../../platform/sql/Sql.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import { Retention, type RetentionOptions } from "../retention/Retention.ts";
import { RetentionRow } from "../retention/RetentionRow.ts";
import { ensureTables } from "./ensureTables.ts";
import { Partitions } from "./Partitions.ts";
import { SCHEMA } from "./Table.ts";
import { tablesOf } from "./tables.ts";

export function warehouseRetention(sql: Sql, partitions: Partitions, options: RetentionOptions): Retention {
  return new Retention("warehouse", partitions, new RetentionRow(sql, SCHEMA, "retention_state"), options);
}

/** Creates the tables that are missing, so that they can be read. */
export async function openWarehouseRetention(
  sql: Sql,
  catalogue: EventCatalogue,
  options: RetentionOptions,
): Promise<Retention> {
  const tables = tablesOf(catalogue).all;
  await ensureTables(sql, tables);
  return warehouseRetention(sql, new Partitions(sql, tables), options);
}
