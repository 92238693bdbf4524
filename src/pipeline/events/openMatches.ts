/**
 * Keeps the last acknowledged record of each match that has not ended, in the key-value area of an outbox's drain. The `aborted`
 * end of a match is built from it if the process dies.
 */
import type { OutboxRecord } from "../outbox/Outbox.ts";
import { endsMatch, isTickRecord, matchKeyIn } from "./TickDecoder.ts";

/** Prefix of the keys in the drain's key-value area. */
const PREFIX = "match/";

export function openMatchKey(bytes: Uint8Array): string {
  return PREFIX + matchKeyIn(bytes);
}

/** Changes to pass to the `acknowledge` call for these records. The bytes are copied. */
export function openMatchChanges(records: Iterable<OutboxRecord>): Map<string, Uint8Array | null> {
  const changes = new Map<string, Uint8Array | null>();
  for (const { bytes } of records) {
    if (isTickRecord(bytes)) changes.set(openMatchKey(bytes), endsMatch(bytes) ? null : bytes);
  }
  for (const [key, bytes] of changes) if (bytes !== null) changes.set(key, bytes.slice());
  return changes;
}

/** The last record of each open match in a drain's key-value area, by key. */
export function openMatchesIn(state: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...state].filter(([key]) => key.startsWith(PREFIX)));
}
