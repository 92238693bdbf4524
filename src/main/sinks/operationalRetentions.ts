/** What deletes old data of the operational database. It runs in the results sink, and in `npm run retention`. */
import { OldMatchEvents } from "../../pipeline/sinks/results/OldMatchEvents.ts";
import { type DailyData, Retention, type RetentionOptions } from "../../pipeline/sinks/retention/Retention.ts";
import { RetentionRow } from "../../pipeline/sinks/retention/RetentionRow.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { OldGuests } from "../../players/database/oldGuests.ts";
import type { RetentionDays } from "../retentionDays.ts";

const SCHEMA = "results";

/**
 * Only those that are configured.
 * @param optionsOf returns the options of a retention of this name, which are the same for all but the days.
 */
export function operationalRetentions(
  sql: Sql,
  { matches, guests }: Pick<RetentionDays, "matches" | "guests">,
  optionsOf: (name: string) => Omit<RetentionOptions, "retentionDays">,
): Retention[] {
  const make = (name: string, table: string, data: DailyData, variable: string, retentionDays: number | null) =>
    retentionDays === null
      ? []
      : [
          new Retention(name, data, new RetentionRow(sql, SCHEMA, table), {
            ...optionsOf(name),
            variable,
            retentionDays,
          }),
        ];
  return [
    ...make("results (events)", "match_retention", new OldMatchEvents(sql), "MATCH_RETENTION_DAYS", matches),
    ...make("results (guests)", "guest_retention", new OldGuests(sql), "GUEST_RETENTION_DAYS", guests),
  ];
}
