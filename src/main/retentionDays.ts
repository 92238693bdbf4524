import type { Config } from "../platform/config/readConfig.ts";

const EMBEDDED_RETENTION_DAYS = 7;

/** RETENTION_DAYS or its default; null if everything is kept. */
export function retentionDaysOf({ retentionDays, databaseUrl }: Config): number | null {
  const days = retentionDays ?? (databaseUrl === undefined ? EMBEDDED_RETENTION_DAYS : Number.POSITIVE_INFINITY);
  return Number.isFinite(days) ? days : null;
}
