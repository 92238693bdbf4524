/**
 * A message record: the second kind of record in an outbox. It contains one complete message that belongs to no tick of a match
 * (topics such as `logs_queue` and `logs_player`). Such messages are rare, so JSON is fast enough.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { RecordOrigin } from "./messages.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { RecordCursor, RecordDamaged } from "./RecordCursor.ts";

const MESSAGE_RECORD = 2;

interface StandaloneMessage {
  /** `logs_…`, without a namespace. */
  readonly topic: string;
  readonly key: string;
  /** The id of the event, a UUIDv7. */
  readonly id: string;
  /** The complete value, including `v`. */
  readonly value: object;
}

export function encodeMessageRecord({ topic, key, id, value }: StandaloneMessage): Buffer {
  const buffer = new RecordBuffer(512);
  buffer.byte(MESSAGE_RECORD);
  for (const text of [topic, key, id, JSON.stringify(value)]) buffer.text(text);
  return buffer.bytes.subarray(0, buffer.length);
}

export function isMessageRecord(bytes: Uint8Array): boolean {
  return bytes[0] === MESSAGE_RECORD;
}

/** Throws `RecordDamaged`. */
export function decodeMessageRecord(bytes: Uint8Array, origin: RecordOrigin): OutgoingMessage {
  const cursor = new RecordCursor(bytes);
  if (cursor.byte() !== MESSAGE_RECORD) throw new RecordDamaged("not a message record");
  const topic = cursor.text();
  const key = cursor.text();
  const id = cursor.text();
  return { topic, key, headers: { id, seq: `${origin.outboxId}:${origin.number}` }, value: cursor.text() };
}
