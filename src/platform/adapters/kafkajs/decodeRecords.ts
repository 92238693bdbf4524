/**
 * Replaces the part of kafkajs that decodes a batch of messages. Import it before a client is created.
 *
 * Reason: for every message, kafkajs 2.2.4 creates two decoders, a number object for each number, and for each header an object, two
 * buffers, and a copy of all headers before it. Here, a message is read once, from the bytes of its batch.
 * Difference: headers are texts instead of buffers.
 * Remove when: kafkajs decodes a message without these.
 */
import { createRequire } from "node:module";

/** What kafkajs passes: all batches of a partition, and where the next one begins. */
interface Decoder {
  readonly buffer: Buffer;
  offset: number;
}

/** What kafkajs uses of a batch. */
interface BatchContext {
  readonly firstOffset: string;
  readonly producerId: string;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
}

interface Record {
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Headers;
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
}

type HeaderValue = string | null;
type Headers = { [name: string]: HeaderValue | HeaderValue[] };

interface Codec {
  decompress(bytes: Buffer): Buffer | Promise<Buffer>;
}

const require = createRequire(import.meta.url);
const BATCH = "kafkajs/src/protocol/recordBatch/v0/decoder";
const { KafkaJSPartialMessageError } = require("kafkajs/src/errors");
const { lookupCodecByAttributes } = require("kafkajs/src/protocol/message/compression") as {
  lookupCodecByAttributes(attributes: number): Codec | null;
};

/** Bytes of the offset and the length of a batch, which are not counted in that length. */
const HEAD_BYTES = 12;
/** Where the fields of a batch are, from its beginning. */
const [ATTRIBUTES, FIRST_TIME, MAX_TIME, PRODUCER_ID, COUNT, RECORDS] = [21, 27, 35, 43, 57, 61];
const LOG_APPEND_TIME = 1 << 3;
const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;

require(BATCH);
require.cache[require.resolve(BATCH)]!.exports = async (decoder: Decoder) => {
  const { buffer, offset: from } = decoder;
  const length = buffer.readInt32BE(from + 8);
  decoder.offset = from + HEAD_BYTES + length;
  if (decoder.offset > buffer.length)
    throw new KafkaJSPartialMessageError(`a batch of ${length} bytes ends after ${buffer.length - from - HEAD_BYTES}`);
  const batch = buffer.subarray(from, decoder.offset);
  const attributes = batch.readInt16BE(ATTRIBUTES);
  const firstOffset = batch.readBigInt64BE(0);
  const context: BatchContext = {
    firstOffset: String(firstOffset),
    producerId: String(batch.readBigInt64BE(PRODUCER_ID)),
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
  };
  const codec = lookupCodecByAttributes(attributes);
  const bytes = batch.subarray(RECORDS);
  const reader = new RecordReader(codec === null ? bytes : await codec.decompress(bytes), {
    context,
    firstOffset,
    firstTime: Number(batch.readBigInt64BE(FIRST_TIME)),
    storedTime: (attributes & LOG_APPEND_TIME) === 0 ? null : String(batch.readBigInt64BE(MAX_TIME)),
  });
  return { ...context, records: reader.readAll(batch.readInt32BE(COUNT)) };
};

interface BatchValues {
  readonly context: BatchContext;
  readonly firstOffset: bigint;
  /** Unix ms. */
  readonly firstTime: number;
  /** When the broker stored the messages, as Unix ms; null if they have their own times. */
  readonly storedTime: string | null;
}

class RecordReader {
  readonly #bytes: Buffer;
  readonly #batch: BatchValues;
  #at = 0;

  constructor(bytes: Buffer, batch: BatchValues) {
    this.#bytes = bytes;
    this.#batch = batch;
  }

  readAll(count: number): Record[] {
    const records: Record[] = [];
    while (records.length < count && this.#at < this.#bytes.length) records.push(this.#read());
    return records;
  }

  #read(): Record {
    const { context, firstOffset, firstTime, storedTime } = this.#batch;
    const length = this.#varint();
    if (length < 0) throw new Error(`a message has a length of ${length} bytes`);
    const end = this.#at + length;
    // Attributes of a message have no meaning yet.
    this.#at++;
    const timeDelta = this.#varlong();
    const offset = String(firstOffset + BigInt(this.#varint()));
    const key = this.#field();
    const value = this.#field();
    const headers = this.#headers(end);
    this.#at = end;
    return {
      timestamp: storedTime ?? String(firstTime + timeDelta),
      offset,
      key,
      value,
      headers,
      isControlRecord: context.isControlBatch,
      batchContext: context,
    };
  }

  #headers(end: number): Headers {
    const headers: Headers = {};
    const count = this.#varint();
    for (let index = 0; index < count && this.#at < end; index++) {
      const name = this.#text() ?? "null";
      const value = this.#text();
      const before = headers[name];
      if (before === undefined) headers[name] = value;
      else if (Array.isArray(before)) before.push(value);
      else headers[name] = [before, value];
    }
    return headers;
  }

  /** A view of the bytes. */
  #field(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    const from = this.#at;
    this.#at += length;
    return this.#bytes.subarray(from, this.#at);
  }

  #text(): string | null {
    const length = this.#varint();
    if (length < 0) return null;
    const from = this.#at;
    this.#at += length;
    return this.#bytes.toString("utf8", from, this.#at);
  }

  #varint(): number {
    let byte = this.#bytes[this.#at++];
    let raw = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = this.#bytes[this.#at++];
      raw |= (byte & 127) << shift;
    }
    return (raw >>> 1) ^ -(raw & 1);
  }

  /** Exact up to 2^52. */
  #varlong(): number {
    let byte = this.#bytes[this.#at++];
    let raw = byte & 127;
    for (let factor = 128; byte > 127; factor *= 128) {
      byte = this.#bytes[this.#at++];
      raw += (byte & 127) * factor;
    }
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }
}
