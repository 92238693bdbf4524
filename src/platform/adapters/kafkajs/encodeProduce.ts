/**
 * Replaces the part of kafkajs that encodes a produce request. Import it before a client is created.
 *
 * Reason: kafkajs 2.2.4 allocates and clears a buffer for every message, header, batch, partition, topic and request, each of which
 * grows by copying, and copies every level into the next one. For small batches this takes more CPU than everything else between
 * the outbox and the broker, and what it allocates makes V8 collect garbage several times a second. Here, the messages of a
 * batch are written once into memory that is used again, and the request once into a buffer of its size.
 * Remove when: kafkajs encodes a request without a buffer for each of its parts.
 */
import { createRequire } from "node:module";

type Bytes = string | Buffer | null | undefined;

interface Message {
  readonly key?: Bytes;
  readonly value?: Bytes;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What kafkajs uses of an encoder. */
interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

interface Partition {
  readonly partition: number;
  readonly firstSequence?: number;
  readonly messages: readonly Message[];
}

interface Topic {
  readonly topic: string;
  readonly partitions: readonly Partition[];
}

interface Produce {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** A whole number of 64 bits as a number, a text or an object with `toString`. */
  readonly producerId?: unknown;
  readonly producerEpoch?: number;
  readonly compression?: number;
  readonly topicData: readonly Topic[];
}

interface Codec {
  compress(encoder: { readonly buffer: Buffer }): Promise<Buffer>;
}

interface Request {
  encode(): Promise<Encoded>;
}

const require = createRequire(import.meta.url);
const REQUEST = "kafkajs/src/protocol/requests/produce/v3/request";
const encodeSlowly = require(REQUEST) as (produce: Produce) => Request;
const FRAME = "kafkajs/src/protocol/request";
const crc32c = require("kafkajs/src/protocol/recordBatch/crc32C") as (bytes: Buffer) => number;
const { lookupCodec } = require("kafkajs/src/protocol/message/compression") as {
  lookupCodec(type: number): Codec;
};

require.cache[require.resolve(REQUEST)]!.exports = (produce: Produce): Request => {
  const request = encodeSlowly(produce);
  return isPlain(produce) ? { ...request, encode: () => encode(produce) } : request;
};

interface Framed {
  readonly correlationId: number;
  readonly clientId: string;
  readonly request: { readonly apiKey: number; readonly apiVersion: number } & Request;
}

require(FRAME);
require.cache[require.resolve(FRAME)]!.exports = async ({
  correlationId,
  clientId,
  request,
}: Framed): Promise<Encoded> => {
  const { buffer: body } = await request.encode();
  const client = Buffer.from(clientId);
  const out = Buffer.allocUnsafe(FRAME_BYTES + client.length + body.length);
  let at = out.writeInt32BE(out.length - 4, 0);
  at = out.writeInt16BE(request.apiKey, at);
  at = out.writeInt16BE(request.apiVersion, at);
  at = out.writeInt32BE(correlationId, at);
  at = out.writeInt16BE(client.length, at);
  at += client.copy(out, at);
  body.copy(out, at);
  return { buf: out, buffer: out };
};

/** Whether the request has only what this project sends: no transaction, no times of messages, one text for each header. */
function isPlain({ transactionalId, topicData }: Produce): boolean {
  if (transactionalId !== undefined && transactionalId !== null) return false;
  return topicData.every(({ partitions }) => partitions.every(({ messages }) => messages.every(isPlainMessage)));
}

function isPlainMessage({ headers, ...message }: Message & { readonly timestamp?: unknown }): boolean {
  if (message.timestamp !== undefined && message.timestamp !== null) return false;
  for (const name in headers) if (typeof headers[name] !== "string") return false;
  return true;
}

interface EncodedRecords {
  readonly partition: Partition;
  readonly bytes: Buffer;
}

async function encode(produce: Produce): Promise<Encoded> {
  const topics: [name: Buffer, batches: EncodedRecords[]][] = [];
  let size = HEAD_BYTES;
  for (const { topic, partitions } of produce.topicData) {
    const name = Buffer.from(topic);
    const batches: EncodedRecords[] = [];
    size += 2 + name.length + 4;
    for (const partition of partitions) {
      const bytes = await encodeRecords(partition.messages, produce.compression ?? NONE);
      batches.push({ partition, bytes });
      size += PARTITION_BYTES + BATCH_HEAD_BYTES + bytes.length;
    }
    topics.push([name, batches]);
  }
  const out = Buffer.allocUnsafe(size);
  const now = BigInt(Date.now());
  let at = out.writeInt16BE(NO_TRANSACTION, 0);
  at = out.writeInt16BE(produce.acks, at);
  at = out.writeInt32BE(produce.timeout, at);
  at = out.writeInt32BE(topics.length, at);
  for (const [name, batches] of topics) {
    at = out.writeInt16BE(name.length, at);
    at += name.copy(out, at);
    at = out.writeInt32BE(batches.length, at);
    for (const batch of batches) at = writePartition(out, at, batch, produce, now);
  }
  return { buf: out, buffer: out };
}

const NONE = 0;
const NO_TRANSACTION = -1;
const COMPRESSION_MASK = 7;
const MAGIC = 2;
/** Transactional id, acks, timeout, number of topics. */
const HEAD_BYTES = 2 + 2 + 4 + 4;
/** Length, API, version, correlation id, length of the client id. */
const FRAME_BYTES = 4 + 2 + 2 + 4 + 2;
/** Partition, and the size of its batch. */
const PARTITION_BYTES = 4 + 4;
/** Everything of a batch before its records. */
const BATCH_HEAD_BYTES = 61;
/** What comes before the part of a batch that its length counts, and before the part of which the checksum is made. */
const [LENGTH_FROM, CRC_FROM] = [12, 21];

function writePartition(out: Buffer, from: number, records: EncodedRecords, produce: Produce, now: bigint): number {
  const { partition, firstSequence = 0, messages } = records.partition;
  const batchBytes = BATCH_HEAD_BYTES + records.bytes.length;
  let at = out.writeInt32BE(partition, from);
  const batchAt = out.writeInt32BE(batchBytes, at);
  at = out.writeBigInt64BE(0n, batchAt);
  at = out.writeInt32BE(batchBytes - LENGTH_FROM, at);
  // The epoch of the leader, which the broker sets.
  at = out.writeInt32BE(0, at);
  at = out.writeInt8(MAGIC, at);
  const crcAt = at;
  at = out.writeInt16BE((produce.compression ?? NONE) & COMPRESSION_MASK, at + 4);
  at = out.writeInt32BE(messages.length - 1, at);
  at = out.writeBigInt64BE(now, at);
  at = out.writeBigInt64BE(now, at);
  at = out.writeBigInt64BE(BigInt(String(produce.producerId ?? -1)), at);
  at = out.writeInt16BE(produce.producerEpoch ?? 0, at);
  at = out.writeInt32BE(firstSequence, at);
  at = out.writeInt32BE(messages.length, at);
  at += records.bytes.copy(out, at);
  out.writeUInt32BE(crc32c(out.subarray(batchAt + CRC_FROM, at)), crcAt);
  return at;
}

/** Memory for the records of a batch; null while a batch uses it. */
let scratch: Buffer | null = Buffer.allocUnsafeSlow(256 * 1024);

async function encodeRecords(messages: readonly Message[], compression: number): Promise<Buffer> {
  let room = 0;
  for (const message of messages) room += roomForRecord(message);
  const own = scratch !== null && scratch.length >= room ? scratch : Buffer.allocUnsafeSlow(room);
  if (own === scratch) scratch = null;
  try {
    let at = 0;
    for (let index = 0; index < messages.length; index++) at = writeRecord(own, at, messages[index], index);
    const bytes = own.subarray(0, at);
    return compression === NONE ? Buffer.from(bytes) : await lookupCodec(compression).compress({ buffer: bytes });
  } finally {
    if (own.length <= SCRATCH_BYTES_MAX && own.length > (scratch?.length ?? 0)) scratch = own;
  }
}

/** More than this is not kept between batches. */
const SCRATCH_BYTES_MAX = 2 ** 20;

/** The most bytes that the record of the message can take. */
function roomForRecord({ key, value, headers = {} }: Message): number {
  let room = FIXED_BYTES_MAX + roomFor(key) + roomFor(value);
  for (const name in headers) room += roomFor(name) + roomFor(headers[name]);
  return room;
}

/** Writes the message as Kafka's record (version 2, https://kafka.apache.org/documentation/#record) at `from`, and returns where it ends. Its time is that of its batch. */
function writeRecord(out: Buffer, from: number, message: Message, offsetDelta: number): number {
  const { key, value, headers = {} } = message;
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
  let at = writeVarint(out, from, bodyBytes);
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
  return at;
}

const VARINT_BYTES_MAX = 5;
/** Length, attributes, time, offset and number of headers. */
const FIXED_BYTES_MAX = 2 + 3 * VARINT_BYTES_MAX;

function roomFor(bytes: Bytes): number {
  if (bytes === null || bytes === undefined) return VARINT_BYTES_MAX;
  // A UTF-16 unit takes at most three bytes.
  return VARINT_BYTES_MAX + (typeof bytes === "string" ? bytes.length * 3 : bytes.length);
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
