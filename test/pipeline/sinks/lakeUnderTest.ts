/** A lake sink on a given store, a log in memory to feed it, and what its files contain. */
import { arena } from "../../../src/arena/game.ts";
import type { EventSource } from "../../../src/pipeline/events/RecordLayout.ts";
import type { BatchHandler, LogBatch, LogMessage, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { type LakeOptions, lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import {
  type FileMetadata,
  listFiles,
  readFileMetadata,
  type StoredFile,
} from "../../../src/pipeline/sinks/lake/lakeFiles.ts";
import { lakeTable } from "../../../src/pipeline/sinks/lake/lakeTables.ts";
import { readMessages } from "../../../src/pipeline/sinks/lake/readLake.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { type MatchMessage, NOON_MS, tickMessage } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

export const catalogue = new EventCatalogue([arena]);

/** For sinks that need no message again. */
const emptyLog: LakeOptions["log"] = {
  consume: () => Promise.reject(new Error("the log has no message")),
  problem: () => null,
};

export function lake(
  objects: ObjectStore,
  options: Partial<LakeOptions> = {},
  games: readonly EventSource[] = [arena],
): BatchHandler {
  return lakeSink({
    log: emptyLog,
    objects,
    catalogue: new EventCatalogue(games),
    rejects: new MemoryRejects(),
    now: () => NOON_MS,
    warn: () => {},
    retentionDays: null,
    monotonicMs: options.now ?? (() => NOON_MS),
    ...options,
  }).handler;
}

/** One partition of a log in memory. */
export class LakeLog {
  readonly topic: string;
  readonly partition: number;
  topicId = "topic-1";
  readonly messages: LogMessage[] = [];

  constructor(topic: string, partition = 0) {
    this.topic = topic;
    this.partition = partition;
  }

  get end(): number {
    return this.messages.length;
  }

  add({ key, headers, value }: OutgoingMessage, appendedAt = NOON_MS): void {
    const bytes = (part: string | Buffer | null) => (typeof part === "string" ? Buffer.from(part) : part);
    this.messages.push({
      topic: this.topic,
      partition: this.partition,
      offset: BigInt(this.messages.length),
      appendedAt,
      key: bytes(key),
      headers,
      value: bytes(value),
    });
  }

  batch(from: number, to: number): LogBatch {
    const { topic, partition, topicId, end, messages } = this;
    const [firstOffset, nextOffset, endOffset] = [from, to, end].map(BigInt);
    return { topic, partition, topicId, firstOffset, nextOffset, endOffset, messages: messages.slice(from, to) };
  }

  assign(handler: BatchHandler): Promise<bigint | null> {
    return handler.onAssigned(this.topic, this.partition, this.topicId);
  }

  /** Delivers from the handler's stored offset to `to`, in batches of `size()` messages. The partition stays assigned. */
  async deliver(handler: BatchHandler, size = () => 7, to = this.end): Promise<void> {
    let from = Number((await this.assign(handler)) ?? 0n);
    while (from < to) {
      const next = Math.min(to, from + Math.max(1, size()));
      await handler.apply(this.batch(from, next));
      from = next;
    }
  }

  revoke(handler: BatchHandler): Promise<void> {
    return handler.onRevoked(this.topic, this.partition);
  }

  async deliverAll(handler: BatchHandler, size?: () => number): Promise<void> {
    await this.deliver(handler, size);
    await this.revoke(handler);
  }
}

/** The message with the header `seq` that a relay would add. */
export function withSeq(message: OutgoingMessage, recordNumber: number, outboxId = "outbox-1"): OutgoingMessage {
  return { ...message, headers: { ...message.headers, seq: `${outboxId}:${recordNumber}` } };
}

/** A log of one topic's messages, by tick. @param everyMs append time between two messages. */
export function logOf(topic: string, messages: readonly MatchMessage[], everyMs = 0): LakeLog {
  const log = new LakeLog(topic);
  const ofTopic = messages.filter((one) => one.topic === topic).sort((a, b) => a.tick - b.tick);
  for (const [index, one] of ofTopic.entries())
    log.add(withSeq(tickMessage(one), index + 1), NOON_MS + index * everyMs);
  return log;
}

export interface FileInLake {
  readonly file: StoredFile;
  readonly metadata: FileMetadata;
  readonly messages: readonly LogMessage[];
}

/** The topic's files, read back, by partition and offset. */
export async function filesIn(objects: ObjectStore, topic: string, of = catalogue): Promise<FileInLake[]> {
  const files: FileInLake[] = [];
  for await (const file of listFiles(objects, topic)) {
    const messages: LogMessage[] = [];
    for await (const message of readMessages(objects, file, lakeTable(topic, of))) messages.push(message);
    files.push({ file, metadata: await readFileMetadata(objects, file), messages });
  }
  return files.sort((a, b) =>
    a.file.partition === b.file.partition
      ? Number(a.file.firstOffset - b.file.firstOffset)
      : a.file.partition - b.file.partition,
  );
}

/** The messages with text and JSON instead of bytes, for comparison. */
export function toComparable(messages: readonly LogMessage[]): unknown[] {
  return messages.map(({ topic, partition, offset, appendedAt, key, headers, value }) => ({
    ...{ topic, partition, offset, appendedAt, headers },
    key: String(key),
    value: JSON.parse(String(value)),
  }));
}
