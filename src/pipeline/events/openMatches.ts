/**
 * Keeps the last acknowledged record of each match that has not ended, in the key-value area of an outbox's drain. The `aborted`
 * end of a match is built from it if the process dies.
 */
import { endsMatch, isTickRecord, matchKeyIn } from "./TickDecoder.ts";

/** Prefix of the keys in the drain's key-value area. */
const PREFIX = "match/";

/** The change of the key-value area by a record of a match; null for another record. */
export function openMatchChange(bytes: Uint8Array): [key: string, value: Uint8Array | null] | null {
  return isTickRecord(bytes) ? [PREFIX + matchKeyIn(bytes), endsMatch(bytes) ? null : bytes] : null;
}

/** The last record of each open match in a drain's key-value area, by key. */
export function openMatchesIn(state: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...state].filter(([key]) => key.startsWith(PREFIX)));
}
