/**
 * Requests the ids of a cluster's topics: a topic that is deleted and recreated gets another id. kafkajs supports no version of
 * the metadata request that returns them, so this file encodes that request itself (version 12, KIP-516, brokers from 3.0 on) and
 * sends it over a connection of kafkajs.
 */
import type { Kafka } from "kafkajs";
import { sendToController } from "../../../platform/adapters/kafkajs/controllerRequest.ts";

const METADATA = 3;
const UNKNOWN_TOPIC = 3;

/** An unsigned varint of one or two bytes, which is enough for the length + 1 of any topic name. */
function varint(value: number): Buffer {
  return value < 128 ? Buffer.of(value) : Buffer.of((value & 127) | 128, value >> 7);
}

function requestBody(topics: readonly string[]): Buffer {
  const parts: Buffer[] = [Buffer.of(0), varint(topics.length + 1)];
  for (const topic of topics) {
    const name = Buffer.from(topic);
    parts.push(Buffer.alloc(16), varint(name.length + 1), name, Buffer.of(0));
  }
  // Do not create topics, do not request permissions, no tagged fields.
  parts.push(Buffer.of(0, 0, 0));
  return Buffer.concat(parts);
}

class Reader {
  #at = 0;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  skip(bytes: number): void {
    this.#at += bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#buffer.readInt16BE(this.#at - 2);
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#buffer[this.#at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  bytes(length: number): Buffer {
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  string(): string {
    return this.bytes(Math.max(0, this.varint() - 1)).toString();
  }

  skipInt32s(): void {
    this.skip(Math.max(0, this.varint() - 1) * 4);
  }

  skipTags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint();
      this.skip(this.varint());
    }
  }
}

function readResponse(buffer: Buffer): Map<string, string> {
  const ids = new Map<string, string>();
  const reader = new Reader(buffer);
  reader.skipTags();
  reader.skip(4);
  for (let brokers = reader.varint() - 1; brokers > 0; brokers--) {
    reader.skip(4);
    reader.string();
    reader.skip(4);
    reader.string();
    reader.skipTags();
  }
  reader.string();
  reader.skip(4);
  for (let topics = reader.varint() - 1; topics > 0; topics--) {
    const error = reader.int16();
    const name = reader.string();
    const id = reader.bytes(16).toString("base64url");
    reader.skip(1);
    for (let partitions = reader.varint() - 1; partitions > 0; partitions--) {
      reader.skip(2 + 4 + 4 + 4);
      reader.skipInt32s();
      reader.skipInt32s();
      reader.skipInt32s();
      reader.skipTags();
    }
    reader.skip(4);
    reader.skipTags();
    if (error !== UNKNOWN_TOPIC) ids.set(name, id);
  }
  return ids;
}

/** Returns the ids of those `topics` (full names) that exist, in the form that Kafka prints: 22 characters of base64url. */
export function fetchTopicIds(kafka: Kafka, topics: readonly string[]): Promise<Map<string, string>> {
  return sendToController(kafka, {
    ...{ apiKey: METADATA, apiVersion: 12, apiName: "Metadata" },
    body: requestBody(topics),
    decode: readResponse,
  });
}
