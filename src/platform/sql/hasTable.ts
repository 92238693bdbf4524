import type { SqlRunner } from "./Sql.ts";

/** @param name with its schema: `dw.dim_match` */
export async function hasTable(sql: SqlRunner, name: string): Promise<boolean> {
  const { rows } = await sql.query<{ exists: boolean }>("SELECT to_regclass($1) IS NOT NULL AS exists", [name]);
  return rows[0].exists;
}
