/** The matches that the warehouse has, to find those that the lake lacks. */
import { hasTable } from "../../platform/sql/hasTable.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { uuidV7TimeMs } from "../events/eventDate.ts";
import type { IdRange } from "./AuditScope.ts";

interface MatchRow {
  readonly match_id: string;
  readonly latest_at: Date | null;
}

/**
 * The time of each match's latest known event, Unix ms, by match id; null if the database has no table of matches: the
 * warehouse sink has never written to it.
 */
export async function matchesInWarehouse(
  sql: SqlRunner,
  { minMatchId, maxMatchId }: IdRange,
): Promise<Map<string, number> | null> {
  if (!(await hasTable(sql, "dw.dim_match"))) return null;
  const { rows } = await sql.query<MatchRow>(
    `SELECT match_id, greatest(created_at, started_at, ended_at) AS latest_at
       FROM dw.dim_match WHERE match_id BETWEEN $1 AND $2`,
    [minMatchId, maxMatchId],
  );
  return new Map(rows.map(({ match_id, latest_at }) => [match_id, latest_at?.getTime() ?? uuidV7TimeMs(match_id)]));
}
