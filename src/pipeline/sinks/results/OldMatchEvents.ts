/**
 * The events of ended matches in `results.match`, from which their results were computed. When they are old, they are deleted and
 * the rows stay: by its row, the sink recognizes a match that it has passed on.
 *
 * Raw SQL: drizzle's builder has no recursive query.
 */
import { hasTable } from "../../../platform/sql/hasTable.ts";
import type { Sql } from "../../../platform/sql/Sql.ts";
import { utcDay } from "../../events/eventDate.ts";
import type { DailyData } from "../retention/Retention.ts";

/** Rows per transaction: each row is rewritten, and other transactions would have to wait for a large one. */
const BATCH = 500;
const DAY_MS = 86_400_000;

/** The index by which old events are found. */
export const EVENTS_INDEX = "match_events";
export const CREATE_EVENTS_INDEX = `CREATE INDEX ${EVENTS_INDEX} ON results.match (ended_at) WHERE created IS NOT NULL`;

export class OldMatchEvents implements DailyData {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async daysBefore(day: string): Promise<string[]> {
    if (!(await hasTable(this.#sql, "results.match"))) return [];
    // One step of the index for each day, not for each row.
    const { rows } = await this.#sql.query<{ day: bigint }>(
      `WITH RECURSIVE days AS (
         SELECT min(ended_at) / ${DAY_MS} AS day FROM results.match WHERE created IS NOT NULL AND ended_at < $1
         UNION ALL
         SELECT (SELECT min(ended_at) / ${DAY_MS} FROM results.match
                 WHERE created IS NOT NULL AND ended_at < $1 AND ended_at >= (days.day + 1) * ${DAY_MS})
         FROM days WHERE days.day IS NOT NULL)
       SELECT day FROM days WHERE day IS NOT NULL`,
      [Date.parse(day)],
    );
    return rows.map((row) => utcDay(Number(row.day) * DAY_MS));
  }

  async deleteBefore(day: string): Promise<string> {
    let matches = 0;
    for (let deleted = BATCH; deleted === BATCH; matches += deleted) {
      const { rowCount } = await this.#sql.query(
        `UPDATE results.match SET created = NULL, started = NULL, ended = '{}' WHERE match_id IN (
           SELECT match_id FROM results.match WHERE created IS NOT NULL AND ended_at < $1 LIMIT ${BATCH})`,
        [Date.parse(day)],
      );
      deleted = rowCount ?? 0;
    }
    return `the events of ${matches} matches`;
  }
}
