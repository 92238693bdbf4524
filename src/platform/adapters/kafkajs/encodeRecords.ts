/**
 * Replaces the part of kafkajs that encodes one message of a batch. Import it before the first message is sent.
 *
 * Reason: for every message and again for each of its headers, kafkajs 2.2.4 allocates and clears a buffer of 512 bytes, which
 * grows by copying. This costs more CPU than everything else between the outbox and the broker. Here, a message is written once,
 * into a buffer of its size.
 * Remove when: kafkajs encodes a message without a buffer per header.
 */
import { createRequire } from "node:module";

type Bytes = string | Buffer | null | undefined;

interface Message {
  readonly offsetDelta?: number;
  /** Never set for messages of this project. */
  readonly timestampDelta?: number;
  readonly key?: Bytes;
  readonly value?: Bytes;
  readonly headers?: Readonly<Record<string, Bytes | Bytes[]>>;
}

/** What kafkajs uses of an encoder that it adds to another one. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

const require = createRequire(import.meta.url);
const RECORD = "kafkajs/src/protocol/recordBatch/record/v0";
const encodeSlowly = require(RECORD) as (message: Message) => Encoded;

require.cache[require.resolve(RECORD)]!.exports = (message: Message): Encoded => {
  const { timestampDelta = 0, headers = {} } = message;
  for (const name in headers) if (typeof headers[name] !== "string") return encodeSlowly(message);
  if (timestampDelta !== 0) return encodeSlowly(message);
  const buffer = encodeRecord(message, headers as Readonly<Record<string, string>>);
  return { buf: buffer, buffer };
};

function encodeRecord({ offsetDelta = 0, key, value }: Message, headers: Readonly<Record<string, string>>): Buffer {
  let headerCount = 0;
  let headerBytes = 0;
  for (const name in headers) {
    headerCount++;
    headerBytes += sizeOfField(sizeOf(name)) + sizeOfField(sizeOf(headers[name]));
  }
  const [keyBytes, valueBytes] = [sizeOf(key), sizeOf(value)];
  // Attributes and the time take one byte each.
  const bodyBytes =
    2 +
    sizeOfVarint(offsetDelta) +
    sizeOfField(keyBytes) +
    sizeOfField(valueBytes) +
    sizeOfVarint(headerCount) +
    headerBytes;
  const out = Buffer.allocUnsafe(sizeOfVarint(bodyBytes) + bodyBytes);
  let at = writeVarint(out, 0, bodyBytes);
  out[at++] = 0;
  out[at++] = 0;
  at = writeVarint(out, at, offsetDelta);
  at = writeField(out, at, key, keyBytes);
  at = writeField(out, at, value, valueBytes);
  at = writeVarint(out, at, headerCount);
  for (const name in headers) {
    at = writeField(out, at, name, sizeOf(name));
    at = writeField(out, at, headers[name], sizeOf(headers[name]));
  }
  return out;
}

/** −1 for null. */
function sizeOf(bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return -1;
  return typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
}

function sizeOfField(size: number): number {
  return size < 0 ? 1 : sizeOfVarint(size) + size;
}

function sizeOfVarint(value: number): number {
  let bytes = 1;
  for (let rest = zigzag(value); rest > 127; rest >>>= 7) bytes++;
  return bytes;
}

function writeVarint(out: Buffer, from: number, value: number): number {
  let at = from;
  let rest = zigzag(value);
  for (; rest > 127; rest >>>= 7) out[at++] = (rest & 127) | 128;
  out[at++] = rest;
  return at;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function writeField(out: Buffer, from: number, bytes: Bytes, size: number): number {
  const at = writeVarint(out, from, size);
  if (size <= 0) return at;
  if (typeof bytes === "string") out.write(bytes, at, size, "utf8");
  else out.set(bytes as Buffer, at);
  return at + size;
}
