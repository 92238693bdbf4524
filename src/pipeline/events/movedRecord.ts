/**
 * The fourth kind of record: a record of another outbox, which keeps its outbox id and its number. So its messages have the header
 * `seq` of the first time, and readers recognise those that they have already. The match of a moved record has ended: no process
 * continues it.
 */
import type { OutboxRecord } from "../outbox/Outbox.ts";
import type { RecordOrigin } from "./messages.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { RecordCursor, RecordDamaged } from "./RecordCursor.ts";

const MOVED_RECORD = 4;

export function encodeMoved({ bytes, number }: Pick<OutboxRecord, "bytes" | "number">, outboxId: string): Buffer {
  const buffer = new RecordBuffer(64 + bytes.length);
  buffer.byte(MOVED_RECORD);
  buffer.text(outboxId);
  buffer.text(String(number));
  buffer.raw(bytes);
  return buffer.bytes.subarray(0, buffer.length);
}

export function isMovedRecord(bytes: Uint8Array): boolean {
  return bytes[0] === MOVED_RECORD;
}

/** Throws `RecordDamaged`. */
export function decodeMoved(bytes: Uint8Array): { readonly origin: RecordOrigin; readonly bytes: Uint8Array } {
  const cursor = new RecordCursor(bytes);
  if (cursor.byte() !== MOVED_RECORD) throw new RecordDamaged("not a moved record");
  const outboxId = cursor.text();
  const number = Number(cursor.text());
  if (!Number.isSafeInteger(number)) throw new RecordDamaged("a moved record without a number");
  return { origin: { outboxId, number }, bytes: cursor.rest() };
}
