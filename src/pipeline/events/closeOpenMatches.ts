/**
 * Appends an `aborted` end for each match of an outbox whose process died, and a `disconnected` for each connection of its clients. The
 * caller is the process that takes over the outbox, or the relay that drains it. It must hold the writer's lock, and must not have
 * appended anything yet.
 */

import { readState } from "../outbox/drainState.ts";
import type { OutboxWriter } from "../outbox/Outbox.ts";
import { openReader, takeOver } from "../outbox/openOutbox.ts";
import { lastSeenIn, openChange } from "./openChanges.ts";
import { endOfConnection, openConnectionsIn } from "./openConnections.ts";
import { openMatchesIn } from "./openMatches.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { layoutIdOf, layoutName, withMatchVersions } from "./RecordLayout.ts";
import { type DecodedRecord, TickDecoder } from "./TickDecoder.ts";
import { writeAbortedAfter } from "./writeAborted.ts";

const READ_BYTES = 1024 * 1024;
/** Limit of an outbox to which only the ends of a few matches are appended. */
const CLOSING_LIMIT_BYTES = 2 ** 40;

interface ClosedMatches {
  readonly closed: number;
  /** Matches that stay open because this build cannot read their last record. */
  readonly unreadable: number;
  /** Connections of clients. */
  readonly disconnected: number;
}

/** Resolves when the ends are committed. `at` is Unix ms. Rejects with `OutboxDamaged`. */
export async function closeOpenMatches(writer: OutboxWriter, at: number): Promise<ClosedMatches> {
  const { lastRecords, connections, lastSeenAt } = await readOpen(writer.directory);
  const reader = openReader(writer.directory);
  const decoder = new TickDecoder();
  const buffer = new RecordBuffer(4096);
  let closed = 0;
  for (const bytes of lastRecords) {
    try {
      await decoder.loadLayouts(reader, [{ bytes }]);
      writeAbortedAfter(buffer, inOwnLayout(decoder.decode(bytes), writer), at);
    } catch {
      continue;
    }
    writer.append(buffer.bytes, buffer.length);
    closed++;
  }
  await reader.close();
  for (const connected of connections) {
    const record = endOfConnection(connected, lastSeenAt ?? at);
    writer.append(record, record.length);
  }
  await writer.whenCommitted();
  return { closed, unreadable: lastRecords.length - closed, disconnected: connections.length };
}

/** Another build may have written the last record. The event that this one adds has the shape of this build. */
function inOwnLayout(last: DecodedRecord, writer: OutboxWriter): DecodedRecord {
  const layout = withMatchVersions(last.layout);
  const layoutId = layoutIdOf(layout);
  if (layoutId !== last.layoutId) writer.define(layoutName(layoutId), Buffer.from(JSON.stringify(layout)));
  return { ...last, layout, layoutId };
}

/**
 * Takes over an outbox whose process is dead, calls `onTakenOver`, ends the open matches and releases the outbox. Resolves to null
 * if the process is alive. `at` is Unix ms. Rejects with `OutboxDamaged`.
 */
export async function closeMatchesOfDeadProcess(
  directory: string,
  at: number,
  onTakenOver: () => void = () => {},
): Promise<ClosedMatches | null> {
  const writer = await takeOver(directory, { limitBytes: CLOSING_LIMIT_BYTES });
  if (writer === null) return null;
  try {
    onTakenOver();
    return await closeOpenMatches(writer, at);
  } finally {
    await writer.close();
  }
}

interface Open {
  /** The last record of each open match. */
  readonly lastRecords: readonly Uint8Array[];
  /** The event `connected` of each open connection. */
  readonly connections: readonly Uint8Array[];
  /** When the process appended its last record, Unix ms; null if that is unknown. */
  readonly lastSeenAt: number | null;
}

/** Another process may drain the outbox at the same time. */
async function readOpen(directory: string): Promise<Open> {
  const latest = new Map<string, { number: number; bytes: Uint8Array | null }>();
  const reader = openReader(directory);
  const before = await readState(directory);
  let lastSeenAt = lastSeenIn(before.entries);
  let after = before.acknowledged;
  for (;;) {
    const { records, next } = await reader.read(after, READ_BYTES);
    if (records.length === 0) break;
    for (const { number, bytes } of records) {
      const change = openChange(bytes);
      if (change !== null) latest.set(change[0], { number, bytes: change[1]?.slice() ?? null });
    }
    lastSeenAt = records.at(-1)!.appendedAt;
    after = next;
  }
  await reader.close();
  // Records that were acknowledged during the scan may have been deleted before they were read. The state that is read now
  // includes them.
  const { acknowledged, entries } = await readState(directory);
  const open = new Map([...openMatchesIn(entries), ...openConnectionsIn(entries)]);
  for (const [key, { number, bytes }] of latest) {
    if (number <= acknowledged) continue;
    if (bytes === null) open.delete(key);
    else open.set(key, bytes);
  }
  const [lastRecords, connections] = [openMatchesIn(open), openConnectionsIn(open)].map((of) => [...of.values()]);
  return { lastRecords, connections, lastSeenAt };
}
