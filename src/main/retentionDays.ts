import type { Config } from "../platform/config/readConfig.ts";

const EMBEDDED_RETENTION_DAYS = 7;

/** Null if everything is kept. */
export interface RetentionDays {
  /** RETENTION_DAYS or its default, for lake and warehouse. */
  readonly events: number | null;
  /** MATCH_RETENTION_DAYS. */
  readonly matches: number | null;
  /** GUEST_RETENTION_DAYS. */
  readonly guests: number | null;
}

export function retentionDaysOf({ retentionDays, databaseUrl, ...config }: Config): RetentionDays {
  const fallback = databaseUrl === undefined ? EMBEDDED_RETENTION_DAYS : undefined;
  return {
    events: daysOrNull(retentionDays ?? fallback),
    matches: daysOrNull(config.matchRetentionDays),
    guests: daysOrNull(config.guestRetentionDays),
  };
}

function daysOrNull(days = Number.POSITIVE_INFINITY): number | null {
  return Number.isFinite(days) ? days : null;
}
