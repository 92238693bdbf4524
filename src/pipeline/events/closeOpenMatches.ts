/**
 * Owns the end of matches whose process died: appends an `aborted` for each match of an outbox that has not ended. For
 * whoever holds the writer's lock of an outbox left behind, before anything else is appended: the process that takes it
 * over, or the relay that drains it.
 */
import type { OutboxWriter } from "../outbox/Outbox.ts";
import { openReader } from "../outbox/openOutbox.ts";
import { readState } from "../outbox/stateFile.ts";
import { openMatchesIn, openMatchKey } from "./openMatches.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { endsMatch, isTickRecord, TickDecoder } from "./TickDecoder.ts";
import { writeAbortedAfter } from "./writeAborted.ts";

const READ_BYTES = 1024 * 1024;

interface ClosedMatches {
  readonly closed: number;
  /** Matches whose last record this build cannot read; they stay open. */
  readonly unreadable: number;
}

/** `at` is Unix ms. Resolves when the ends are committed. Throws `OutboxDamaged`. */
export async function closeOpenMatches(writer: OutboxWriter, at: number): Promise<ClosedMatches> {
  const lastRecords = await lastRecordsOf(writer.directory);
  const reader = openReader(writer.directory);
  const decoder = new TickDecoder();
  const buffer = new RecordBuffer(4096);
  let closed = 0;
  for (const bytes of lastRecords) {
    try {
      await decoder.learn(reader, [{ bytes }]);
      writeAbortedAfter(buffer, decoder.decode(bytes), at);
    } catch {
      continue;
    }
    writer.append(buffer.bytes, buffer.length);
    closed++;
  }
  await reader.close();
  await writer.settled();
  return { closed, unreadable: lastRecords.length - closed };
}

/** The last record of each open match. A drain may be at work meanwhile. */
async function lastRecordsOf(directory: string): Promise<Uint8Array[]> {
  const seen = new Map<string, { number: number; bytes: Uint8Array | null }>();
  const reader = openReader(directory);
  let { acknowledged: after } = await readState(directory);
  for (;;) {
    const { records, next } = await reader.read(after, READ_BYTES);
    if (records.length === 0) break;
    for (const { number, bytes } of records) {
      if (isTickRecord(bytes))
        seen.set(openMatchKey(bytes), { number, bytes: endsMatch(bytes) ? null : bytes.slice() });
    }
    after = next;
  }
  await reader.close();
  // What was acknowledged during the scan may have been unlinked before it was read; the state read now accounts for it.
  const { acknowledged, entries } = await readState(directory);
  const open = openMatchesIn(entries);
  for (const [key, { number, bytes }] of seen) {
    if (number <= acknowledged) continue;
    if (bytes === null) open.delete(key);
    else open.set(key, bytes);
  }
  return [...open.values()];
}
