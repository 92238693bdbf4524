/** What an audit covers: one match, or all matches that were created since a time. */
import { uuidV7TimeMs } from "../events/eventDate.ts";

export type AuditScope = { readonly matchId: string } | { readonly sinceMs: number };

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** Bounds of the match ids, both included. */
export interface IdRange {
  readonly minMatchId: string;
  readonly maxMatchId: string;
}

export function startOf(scope: AuditScope): number {
  return "matchId" in scope ? uuidV7TimeMs(scope.matchId) : scope.sinceMs;
}

export function idRangeOf(scope: AuditScope): IdRange {
  if ("matchId" in scope) return { minMatchId: scope.matchId, maxMatchId: scope.matchId };
  return { minMatchId: firstIdOf(Math.max(0, scope.sinceMs)), maxMatchId: LAST_ID };
}

export function isInRange({ minMatchId, maxMatchId }: IdRange, matchId: string): boolean {
  return matchId >= minMatchId && matchId <= maxMatchId;
}

/** The scope as the end of a sentence: "of match …", "since …". */
export function describeScope(scope: AuditScope): string {
  return "matchId" in scope ? `of match ${scope.matchId}` : `since ${new Date(scope.sinceMs).toISOString()}`;
}

/** The smallest UUIDv7 of a time. */
function firstIdOf(unixMs: number): string {
  const time = unixMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}
