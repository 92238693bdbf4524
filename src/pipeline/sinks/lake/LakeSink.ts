/**
 * The lake sink: stores every event of every topic as a row of a Parquet file in the object store. It never overwrites a file,
 * and uses no clock but those of its options.
 *
 * Acknowledgement contract
 * - `apply` keeps batches in memory. `storedOffset` returns the offset up to which files are stored, and only this offset is
 *   acknowledged. The offset is stored nowhere but in the files: the sink continues after the last offset of the partition's
 *   newest file. If the append times of messages went backwards, `onAssigned` may find an older file than the newest. The newest
 *   file is then found when the first batch arrives.
 * - A file is created by one put that fails if its name exists, and the name contains its first offset. So the put is a
 *   compare-and-set: of two writers of one partition, only one stores its file. The other gets `PartitionLost`, drops what it
 *   has in memory and continues after the stored file. A crash before the put leaves nothing, a crash after it leaves the whole
 *   file.
 * - Idempotent: each file stores the high-water mark of every outbox. By this mark, the sink recognizes a record that a relay
 *   sent twice, and leaves it out.
 * - A message that cannot be decoded is published to `logs_rejected` before a file covers its offset.
 * - A newest file that is deleted is noticed within a minute. The sink then continues after the newest file that is left. The messages
 *   of other deleted files are stored again in the background (`LakeRepair`), only between existing files.
 * - A topic that was deleted and recreated is `Unrecoverable`, because its offsets have no relation to the stored files.
 */

import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { isPlatformTopic, platformTopics } from "../../events/platformTopics.ts";
import { type BatchHandler, type EventLog, type LogBatch, PartitionLost, Unrecoverable } from "../../log/EventLog.ts";
import { ColumnDecoder } from "../columns/ColumnDecoder.ts";
import { type EventCatalogue, INPUT_TOPIC, MATCH_TOPIC } from "../eventCatalogue.ts";
import { HighWaterMarks } from "../HighWaterMarks.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { Reject, Rejects } from "../rejects.ts";
import type { Retention, RetentionOptions } from "../retention/Retention.ts";
import type { Sink } from "../runSink.ts";
import { LakePartition, type PartitionName } from "./LakePartition.ts";
import { LakeRepair } from "./LakeRepair.ts";
import { findLastFile, findNextFile, findRecentFile, readFileMetadata, type StoredFile } from "./lakeFiles.ts";
import { hourOf } from "./lakeKeys.ts";
import { lakeRetention } from "./lakeRetention.ts";
import { type LakeTable, lakeTable } from "./lakeTables.ts";

const NAME = "lake";

export interface LakeOptions extends RetentionOptions {
  /** Where the messages of deleted files are read again. */
  readonly log: Pick<EventLog, "consume" | "problem">;
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  readonly rejects: Rejects;
  /** A clock in ms that is never set back, for the age of files. */
  readonly monotonicMs?: () => number;
  /** Called each time a file could not be stored, to count it; default: does nothing. */
  readonly putFailed?: () => void;
  /** Called every few minutes: with a line while messages of deleted files are missing, otherwise with null; default: does nothing. */
  readonly reportLost?: (line: string | null) => void;
  /** A file is finished and stored after this time; default one minute. */
  readonly flushAfterMs?: number;
  /** The same for topics whose messages are samples, not events; default `flushAfterMs`. Nobody waits for them, and they are small. */
  readonly samplesFlushAfterMs?: number;
  /** A file is finished and stored at this size; default 44 MiB. The file is then below 64 MB, with the rows that are still in memory. */
  readonly fileBytesMax?: number;
  /** Limit of all open files together; default 128 MiB. The largest files are stored first. */
  readonly memoryBytesMax?: number;
}

/** All topics except `logs_rejected`, whose messages have no schema. */
export function lakeTopics(catalogue: EventCatalogue): string[] {
  return [...catalogue.facts.keys(), MATCH_TOPIC, INPUT_TOPIC, ...Object.keys(platformTopics)];
}

export function lakeSink(options: LakeOptions): Sink {
  const topics = lakeTopics(options.catalogue);
  return { name: NAME, topics, handler: new LakeHandler(options, topics) };
}

/** A file stays open for a minute, so two seconds do not matter. Longer ones would keep the thread from the other sinks for too long. */
const MAX_BATCH_DELAY_MS = 2000;

const LOOK_EVERY_MS = 60_000;

const DEFAULTS = {
  flushAfterMs: 60_000,
  fileBytesMax: 44 * 2 ** 20,
  memoryBytesMax: 128 * 2 ** 20,
  putFailed() {},
  inform(_line: string) {},
  reportLost(_line: string | null) {},
  monotonicMs: () => performance.now(),
};

class LakeHandler implements BatchHandler {
  readonly maxBatchDelayMs = MAX_BATCH_DELAY_MS;
  readonly #options: LakeOptions & typeof DEFAULTS;
  readonly #tables: ReadonlyMap<string, LakeTable>;
  readonly #decoder: ColumnDecoder;
  readonly #partitions = new Map<string, LakePartition>();
  /** By partition: the offset at which its next file starts, because the log no longer has the offsets before it. */
  readonly #jumps = new Map<string, bigint>();
  readonly #retention: Retention;
  readonly #repair: LakeRepair;
  /** When to look whether the newest files were deleted, on the monotonic clock. */
  #lookAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LakeOptions, topics: readonly string[]) {
    this.#options = { ...DEFAULTS, ...options };
    this.#tables = new Map(topics.map((topic) => [topic, lakeTable(topic, options.catalogue)]));
    this.#decoder = new ColumnDecoder(options.catalogue);
    this.#retention = lakeRetention({ objects: options.objects, topics }, options);
    this.#repair = new LakeRepair({
      ...this.#options,
      topics,
      readDeletedBefore: () => this.#readDeletedBefore(),
      report: this.#options.reportLost,
    });
  }

  async onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    const { objects, now } = this.#options;
    const name = { topic, partition, topicId };
    this.#jumps.delete(keyFor(name));
    return this.#continueAfter(name, await findRecentFile(objects, topic, partition, hourOf(now())));
  }

  async apply(batch: LogBatch): Promise<void> {
    const partition = await this.#partitionAfterNewestFile(batch);
    const { rejects } = this.#options;
    const position = partition.position!;
    const due = batch.messages.filter(({ offset }) => offset >= position);
    const decode = this.#decoder.startBatch();
    const decoded = due.map((message) => (isMeantFor(NAME, message) ? decode(message) : { message }));
    const rejected = decoded.filter((one): one is Reject => "reason" in one);
    if (rejected.length > 0) {
      const fresh = partition.selectNew(due);
      await rejects.publish(rejected.filter(({ message }) => fresh.has(message)));
    }
    for (const one of decoded) {
      this.#retention.readMessage(one.message.appendedAt);
      const isNew = await partition.tryAccept(one.message, this.#clocks());
      if (isNew && "reason" in one) partition.addRejected();
      else if (isNew && "value" in one) partition.add(one);
      if (this.#isFileFull(partition)) await this.#storeFile(partition);
    }
    if (batch.nextOffset > position) partition.advanceTo(batch.nextOffset, batch.endOffset);
  }

  storedOffset(topic: string, partition: number): bigint | null {
    return this.#partitions.get(keyFor({ topic, partition }))?.storedOffset ?? null;
  }

  keepsForMs(topic: string): number {
    const { flushAfterMs, samplesFlushAfterMs = flushAfterMs } = this.#options;
    return isPlatformTopic(topic) && !platformTopics[topic].hasEventId ? samplesFlushAfterMs : flushAfterMs;
  }

  onSkipped(topic: string, partition: number, from: bigint, to: bigint): void {
    this.#jumps.set(keyFor({ topic, partition }), to);
    this.#options.warn(
      `sink ${NAME}: skipped offsets ${from} to ${to - 1n} of ${topic}[${partition}], which the log no longer has`,
    );
  }

  async onRevoked(topic: string, partition: number): Promise<void> {
    const key = keyFor({ topic, partition });
    const found = this.#partitions.get(key);
    this.#partitions.delete(key);
    this.#jumps.delete(key);
    await this.#repair.onRevoked(topic, partition);
    await found?.storeFile();
  }

  /** Stores the files that are old enough. If storing one file fails, the others are still stored. Then the promise rejects. */
  async onIdle(): Promise<void> {
    const due = [...this.#partitions.values()].filter((partition) =>
      partition.isDue(this.keepsForMs(partition.name.topic), this.#clocks()),
    );
    const outcomes = await Promise.allSettled(due.map((partition) => this.#storeFile(partition)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    await this.#retention.runIfDue();
    await this.#findLostNewest();
    await this.#repair.continue((topic) => this.#assigned(topic));
  }

  #assigned(topic: string): Set<number> {
    const names = [...this.#partitions.values()].map(({ name }) => name);
    return new Set(names.filter((name) => name.topic === topic).map(({ partition }) => partition));
  }

  async #readDeletedBefore(): Promise<string> {
    // Another process may have deleted more.
    await this.#retention.load();
    return this.#retention.deletedBefore;
  }

  /**
   * Throws `PartitionLost` if the newest file of a partition was deleted. The log is then read again after the newest file that is
   * left. Without this, the next file would leave a gap.
   */
  async #findLostNewest(): Promise<void> {
    const { objects, monotonicMs, warn } = this.#options;
    if (monotonicMs() < this.#lookAtMs) return;
    this.#lookAtMs = monotonicMs() + LOOK_EVERY_MS;
    const exists = ({ lastKey }: LakePartition) =>
      lastKey === null ||
      objects.head(lastKey).then(
        (info) => info !== null,
        () => true,
      );
    const partitions = [...this.#partitions.values()];
    const found = await Promise.all(partitions.map(exists));
    const lost = partitions.filter((_, at) => !found[at]);
    if (lost.length === 0) return;
    const keys = lost.map(({ lastKey }) => lastKey).join(", ");
    for (const partition of lost) this.#forget(partition);
    warn(
      `sink ${NAME}: the newest file was deleted: ${keys}; the sink stores the messages after the newest remaining file again, if the log still has them`,
    );
    throw new PartitionLost(`the newest file was deleted: ${keys}`);
  }

  /** Sets the partition's position to the end of the file. Returns that position, null if there is no file. */
  async #continueAfter(name: PartitionName, file: StoredFile | null): Promise<bigint | null> {
    const { topic, topicId } = name;
    const table = this.#tables.get(topic);
    if (table === undefined) throw new Unrecoverable(`the lake has no table for topic ${topic}`);
    const metadata = file === null ? null : await readFileMetadata(this.#options.objects, file);
    if (metadata !== null && metadata.topicId !== topicId)
      throw new Unrecoverable(
        `topic ${topic} was deleted and recreated (stored id ${metadata.topicId} in ${file!.key}, current id ${topicId}), or the ` +
          "files are those of another installation: check NAMESPACE, KAFKA_BROKERS and S3_BUCKET or DATA_DIR; docs/lake.md says how to continue after a topic was recreated",
      );
    const next = metadata === null ? null : metadata.lastOffset + 1n;
    const marks = metadata?.marks ?? new HighWaterMarks();
    const stored = { next, marks, key: file?.key ?? null };
    this.#partitions.set(keyFor(name), new LakePartition(name, table, this.#options, stored));
    return next;
  }

  /**
   * Returns the batch's partition, positioned after its newest file. There are no gaps between files. So if `onAssigned` found an
   * older file, the next file begins at the offset after that file, and its key has the hour of the message with this offset.
   */
  async #partitionAfterNewestFile(batch: LogBatch): Promise<LakePartition> {
    await this.#jump(batch);
    for (;;) {
      const partition = this.#partition(batch);
      partition.startAt(batch.firstOffset);
      const { isAfterNewestFile, position } = partition;
      if (batch.firstOffset > position!)
        throw new Error(
          `${batch.topic}[${batch.partition}]: expected a batch from offset ${position}, got ${batch.firstOffset}`,
        );
      const first = isAfterNewestFile ? undefined : batch.messages.find(({ offset }) => offset >= position!);
      if (first === undefined) return partition;
      const file = await findNextFile(this.#options.objects, partition.nextFile(first));
      if (file === null) partition.isAfterNewestFile = true;
      else await this.#continueAfter(batch, file);
    }
  }

  /**
   * Moves the partition past offsets that the log has deleted. Without the deleted messages, the key of the next file cannot be
   * computed, so all files are listed to find the newest.
   */
  async #jump(batch: LogBatch): Promise<void> {
    const jump = this.#jumps.get(keyFor(batch));
    if (jump === undefined) return;
    if (!this.#partition(batch).isAfterNewestFile) {
      const { topic, partition } = batch;
      await this.#continueAfter(batch, await findLastFile(this.#options.objects, topic, partition));
    }
    const partition = this.#partition(batch);
    if (partition.position === null || partition.position < jump) await partition.skipTo(jump);
    this.#jumps.delete(keyFor(batch));
  }

  #partition(batch: LogBatch): LakePartition {
    const partition = this.#partitions.get(keyFor(batch));
    if (partition === undefined)
      throw new PartitionLost(`${batch.topic}[${batch.partition}] is not assigned to sink ${NAME}`);
    if (partition.topicId !== batch.topicId)
      throw new Unrecoverable(`topic ${batch.topic} was deleted and recreated while it was read`);
    return partition;
  }

  /** Whether the file is too large, or the open files together are too large and this file is larger than their average. */
  #isFileFull({ encodedBytes, memoryBytes }: LakePartition): boolean {
    const { fileBytesMax, memoryBytesMax } = this.#options;
    if (encodedBytes >= fileBytesMax) return true;
    if (memoryBytes < memoryBytesMax / (4 * this.#partitions.size)) return false;
    let together = 0;
    let open = 0;
    for (const partition of this.#partitions.values()) {
      together += partition.memoryBytes;
      if (partition.memoryBytes > 0) open++;
    }
    return together > memoryBytesMax && memoryBytes >= together / open;
  }

  /**
   * Stores the partition's open file. Forgets the partition if another process has written to it. When the log assigns the
   * partition again, its position is read from the object store.
   */
  async #storeFile(partition: LakePartition): Promise<void> {
    try {
      await partition.storeFile();
    } catch (error) {
      if (error instanceof PartitionLost) this.#forget(partition);
      throw error;
    }
  }

  #forget(partition: LakePartition): void {
    for (const [key, value] of this.#partitions) if (value === partition) this.#partitions.delete(key);
  }

  #clocks() {
    const { now, monotonicMs } = this.#options;
    return { nowMs: now(), monotonicMs: monotonicMs() };
  }
}

function keyFor({ topic, partition }: Pick<PartitionName, "topic" | "partition">): string {
  return `${topic} ${partition}`;
}
