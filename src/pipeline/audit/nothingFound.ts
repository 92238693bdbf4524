import type { AuditRun } from "./AuditRun.ts";
import { type AuditScope, describeScope, startOf } from "./AuditScope.ts";

interface Found {
  readonly isLakeEmpty: boolean;
  readonly run: Pick<AuditRun, "open" | "retention">;
  /** Number of matches of the scope in the warehouse. */
  readonly inWarehouse: number;
  readonly nowMs: number;
}

/** Why an audit has checked nothing, as one line. */
export function whyNothingWasFound(scope: AuditScope, { isLakeEmpty, run, inWarehouse, nowMs }: Found): string {
  const what = describeScope(scope);
  const { retention } = run;
  if (isLakeEmpty) {
    const elsewhere = inWarehouse === 0 ? "" : `, but the warehouse has ${inWarehouse} matches of this scope`;
    return `the lake has no file${elsewhere}: check NAMESPACE, and S3_BUCKET or DATA_DIR`;
  }
  if (run.open.length > 0) return "all matches of this scope may still be running: repeat the audit later";
  if (startOf(scope) > nowMs) return `${new Date(startOf(scope)).toISOString()} is in the future`;
  if (retention !== null && startOf(scope) < Date.parse(retention.oldestDay))
    return `the lake has no event ${what}, and retention has removed the events before ${retention.oldestDay}`;
  return `the lake has no event ${what}: check ${"matchId" in scope ? "the match id" : "the date"} and NAMESPACE`;
}
