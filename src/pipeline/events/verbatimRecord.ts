/**
 * The third kind of record: a message with any key, headers and value, as it was published to the log. `logs_rejected` needs it,
 * because it contains bytes that no reader understood. The header `seq` is added on reading, unless the message has one.
 */
import type { OutgoingMessage } from "../log/EventLog.ts";
import type { RecordOrigin } from "./messages.ts";
import { RecordBuffer } from "./RecordBuffer.ts";
import { RecordCursor, RecordDamaged } from "./RecordCursor.ts";

const VERBATIM_RECORD = 3;

const bytesOf = (value: string | Buffer | null) => (typeof value === "string" ? Buffer.from(value) : value);

export function encodeVerbatim({ topic, key, headers, value }: OutgoingMessage): Buffer {
  const buffer = new RecordBuffer(512);
  buffer.byte(VERBATIM_RECORD);
  buffer.text(topic);
  buffer.text(JSON.stringify(headers));
  for (const bytes of [bytesOf(key), bytesOf(value)]) {
    buffer.reserve(6 + (bytes?.length ?? 0));
    // 0 means null, otherwise the length + 1.
    buffer.varint(bytes === null ? 0 : bytes.length + 1);
    if (bytes !== null) buffer.raw(bytes);
  }
  return buffer.bytes.subarray(0, buffer.length);
}

export function isVerbatimRecord(bytes: Uint8Array): boolean {
  return bytes[0] === VERBATIM_RECORD;
}

/** Throws `RecordDamaged`. */
export function decodeVerbatim(bytes: Uint8Array, origin: RecordOrigin): OutgoingMessage {
  const cursor = new RecordCursor(bytes);
  if (cursor.byte() !== VERBATIM_RECORD) throw new RecordDamaged("not a verbatim record");
  const topic = cursor.text();
  const headers = cursor.json() as Record<string, string>;
  const [key, value] = [readBytes(cursor), readBytes(cursor)];
  return { topic, key, headers: { seq: `${origin.outboxId}:${origin.number}`, ...headers }, value };
}

function readBytes(cursor: RecordCursor): Buffer | null {
  const size = cursor.varint();
  return size === 0 ? null : Buffer.from(cursor.hex(size - 1), "hex");
}
