/**
 * What a process that dies leaves open: its matches, and the connections of its clients; and when it was last seen. An outbox's drain keeps
 * this of the acknowledged records, in its key-value area.
 */
import type { OutboxRecord } from "../outbox/Outbox.ts";
import { connectionChange, openConnectionsIn } from "./openConnections.ts";
import { openMatchChange, openMatchesIn } from "./openMatches.ts";

const LAST_SEEN = "last-seen";

/** The change of the drain's key-value area by a record; null if there is none. The bytes belong to the record. */
export function openChange(bytes: Uint8Array): [key: string, value: Uint8Array | null] | null {
  return openMatchChange(bytes) ?? connectionChange(bytes);
}

/** Changes to pass to the `acknowledge` call for these records. The bytes are copied. */
export function openChanges(records: Iterable<OutboxRecord>): Map<string, Uint8Array | null> {
  const changes = new Map<string, Uint8Array | null>();
  let lastSeenAt: number | null = null;
  for (const { bytes, appendedAt } of records) {
    const change = openChange(bytes);
    if (change !== null) changes.set(...change);
    lastSeenAt = appendedAt;
  }
  for (const [key, bytes] of changes) if (bytes !== null) changes.set(key, bytes.slice());
  if (lastSeenAt !== null) changes.set(LAST_SEEN, Buffer.from(String(lastSeenAt)));
  return changes;
}

/** When the last of the acknowledged records was appended, Unix ms; null if that is unknown. */
export function lastSeenIn(state: ReadonlyMap<string, Uint8Array>): number | null {
  const stored = state.get(LAST_SEEN);
  return stored === undefined ? null : Number(Buffer.from(stored).toString());
}

/** How many matches and connections are open, according to a drain's key-value area. */
export function countOpen(state: ReadonlyMap<string, Uint8Array>): number {
  return openMatchesIn(state).size + openConnectionsIn(state).size;
}
