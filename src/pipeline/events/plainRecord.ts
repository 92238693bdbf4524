/**
 * The second kind of record: one complete message of a topic that does not belong to a match's tick (`logs_queue`, `logs_stats`).
 * Such messages are rare, so JSON is fast enough.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { RecordOrigin } from "./expand.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { RecordCursor, RecordDamaged } from "./RecordCursor.ts";

const PLAIN_RECORD = 2;

interface PlainMessage {
  /** `logs_…`, without a namespace. */
  readonly topic: string;
  readonly key: string;
  /** The id of the event, a UUIDv7. */
  readonly id: string;
  /** The complete value, including `v`. */
  readonly value: object;
}

export function encodePlain({ topic, key, id, value }: PlainMessage): Buffer {
  const buffer = new RecordBuffer(512);
  buffer.byte(PLAIN_RECORD);
  for (const text of [topic, key, id, JSON.stringify(value)]) buffer.text(text);
  return buffer.bytes.subarray(0, buffer.length);
}

export function isPlainRecord(bytes: Uint8Array): boolean {
  return bytes[0] === PLAIN_RECORD;
}

/** Throws `RecordDamaged`. */
export function decodePlain(bytes: Uint8Array, origin: RecordOrigin): OutgoingMessage {
  const cursor = new RecordCursor(bytes);
  if (cursor.byte() !== PLAIN_RECORD) throw new RecordDamaged("not a plain record");
  const topic = cursor.text();
  const key = cursor.text();
  const id = cursor.text();
  return { topic, key, headers: { id, seq: `${origin.outboxId}:${origin.number}` }, value: cursor.text() };
}
