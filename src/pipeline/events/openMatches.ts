/**
 * Owns the knowledge of which matches of an outbox have not ended, as the drain keeps it from acknowledgement to
 * acknowledgement: for each open match its last acknowledged record, from which its `aborted` can be made. Looks at
 * nothing of a record but the match and whether it is the last.
 */
import type { OutboxRecord } from "../outbox/Outbox.ts";
import { endsMatch, isTickRecord, matchKeyIn } from "./TickDecoder.ts";

/** Keys of the drain's key-value area that hold the last record of an open match. */
const PREFIX = "match/";

export function openMatchKey(bytes: Uint8Array): string {
  return PREFIX + matchKeyIn(bytes);
}

/** Changes that go into the same `acknowledge` as these records; the records are copied. */
export function openMatchChanges(records: Iterable<OutboxRecord>): Map<string, Uint8Array | null> {
  const changes = new Map<string, Uint8Array | null>();
  for (const { bytes } of records) {
    if (isTickRecord(bytes)) changes.set(openMatchKey(bytes), endsMatch(bytes) ? null : bytes);
  }
  for (const [key, bytes] of changes) if (bytes !== null) changes.set(key, bytes.slice());
  return changes;
}

/** The last records of the open matches in a drain's key-value area, by key. */
export function openMatchesIn(state: ReadonlyMap<string, Uint8Array>): Map<string, Uint8Array> {
  return new Map([...state].filter(([key]) => key.startsWith(PREFIX)));
}
