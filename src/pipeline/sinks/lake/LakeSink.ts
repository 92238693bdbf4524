/**
 * The lake sink: every event of every topic as a row of a Parquet file in the object store.
 *
 * Acknowledgement contract
 * - `apply` keeps batches in memory; `stored` tells how far the files reach, `assigned` reads it from the store itself: the
 *   partition's last file says where the next one begins. There is no other record of the offset.
 * - A file is made by one put that fails where its name is taken, and its name is its first offset. So the file is the
 *   compare-and-set: of two writers of one partition one gets its file in, the other gets `PartitionLost`, drops what it holds and goes
 *   on behind the file that is there. A crash before the put leaves nothing, one after it leaves all.
 * - A record that a relay sent twice is told by the highest record number of each outbox, which each file keeps, and left out.
 * - A message that cannot be understood is in `logs_rejected` before a file covers its offset.
 * - A topic that was deleted and made anew is `Unrecoverable`: its offsets say nothing about the files that are there.
 *
 * It must never overwrite a file, nor read a clock but the one it is given.
 */

import type { ObjectStore } from "../../../platform/objects/ObjectStore.ts";
import { type BatchHandler, type LogBatch, PartitionLost, Unrecoverable } from "../../log/Log.ts";
import { decodeMessage } from "../decodeMessage.ts";
import { type EventCatalogue, INPUT_TOPIC, MATCH_TOPIC, QUEUE_TOPIC, STATS_TOPIC } from "../eventCatalogue.ts";
import { HighWaterMarks } from "../HighWaterMarks.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { Reject, Rejects } from "../rejects.ts";
import type { Sink } from "../runSink.ts";
import { dropOldFiles } from "./dropOldFiles.ts";
import { LakePartition, type PartitionName } from "./LakePartition.ts";
import { findLastFile, readFileMetadata } from "./lakeFiles.ts";
import { hourOf } from "./lakeKeys.ts";
import { type LakeTable, lakeTable } from "./lakeTables.ts";

const NAME = "lake";
const DAY_MS = 86_400_000;

export interface LakeOptions {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  readonly rejects: Rejects;
  /** Unix ms. */
  readonly now: () => number;
  /** MatchMessage of offsets that the log lost before they were read. */
  readonly warn: (line: string) => void;
  /** A file is closed when it has been open for this long; a minute if not given. */
  readonly flushAfterMs?: number;
  /** A file is closed when it has grown to this; 44 MiB if not given, so that with its last row group it stays below 64 MB. */
  readonly fileBytesMax?: number;
  /** All open files together; 128 MiB if not given. The largest are closed first. */
  readonly memoryBytesMax?: number;
  /** RETENTION_DAYS: days before today whose files are kept; null keeps all. */
  readonly retentionDays: number | null;
}

/** All topics but `logs_rejected`, which holds what has no shape. */
export function lakeTopics(catalogue: EventCatalogue): string[] {
  return [...catalogue.facts.keys(), MATCH_TOPIC, INPUT_TOPIC, QUEUE_TOPIC, STATS_TOPIC];
}

export function lakeSink(options: LakeOptions): Sink {
  const topics = lakeTopics(options.catalogue);
  return { name: NAME, topics, handler: new LakeHandler(options, topics) };
}

/** Files are closed by age and size, long after. */
const GATHER_MS = 1000;

class LakeHandler implements BatchHandler {
  readonly gatherMs = GATHER_MS;
  readonly #options: Required<LakeOptions>;
  readonly #tables: ReadonlyMap<string, LakeTable>;
  readonly #partitions = new Map<string, LakePartition>();
  /** Offsets that the log has no more: where the partition's next file begins. */
  readonly #jumps = new Map<string, bigint>();
  #cleanedDay = 0;

  constructor(options: LakeOptions, topics: readonly string[]) {
    this.#options = { flushAfterMs: 60_000, fileBytesMax: 44 * 2 ** 20, memoryBytesMax: 128 * 2 ** 20, ...options };
    this.#tables = new Map(topics.map((topic) => [topic, lakeTable(topic, options.catalogue)]));
  }

  async assigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    const { objects, now } = this.#options;
    const name = { topic, partition, topicId };
    const table = this.#tables.get(topic);
    if (table === undefined) throw new Unrecoverable(`the lake has no table for topic ${topic}`);
    this.#jumps.delete(keyFor(name));
    const last = await findLastFile(objects, topic, partition, hourOf(now()));
    if (last === null) {
      this.#partitions.set(
        keyFor(name),
        new LakePartition(name, table, objects, { next: null, marks: new HighWaterMarks() }),
      );
      return null;
    }
    const facts = await readFileMetadata(objects, last);
    if (facts.topicId !== topicId)
      throw new Unrecoverable(
        `topic ${topic} was deleted and made anew (id ${facts.topicId} stands in ${last.key}, ${topicId} is found): ` +
          `move raw/${topic}/ elsewhere, or choose another NAMESPACE`,
      );
    const next = facts.lastOffset + 1n;
    this.#partitions.set(keyFor(name), new LakePartition(name, table, objects, { next, marks: facts.marks }));
    return next;
  }

  async apply(batch: LogBatch): Promise<void> {
    const partition = this.#partition(batch);
    await this.#advance(partition, batch);
    const { catalogue, rejects } = this.#options;
    const position = partition.position!;
    const due = batch.messages.filter(({ offset }) => offset >= position);
    const decoded = due.map((message) => (isMeantFor(NAME, message) ? decodeMessage(message, catalogue) : { message }));
    const rejected = decoded.filter((one): one is Reject => "reason" in one);
    if (rejected.length > 0) {
      const fresh = partition.selectNew(due);
      await rejects.publish(rejected.filter(({ message }) => fresh.has(message)));
    }
    for (const one of decoded) {
      const isNew = await partition.tryAccept(one.message, this.#options.now());
      if (isNew && "reason" in one) partition.addRejected();
      else if (isNew && "value" in one) partition.add(one);
      if (this.#isFull(partition)) await this.#close(partition);
    }
    if (batch.nextOffset > position) partition.advanceTo(batch.nextOffset);
  }

  stored(topic: string, partition: number): bigint | null {
    return this.#partitions.get(keyFor({ topic, partition }))?.stored ?? null;
  }

  skipped(topic: string, partition: number, from: bigint, to: bigint): void {
    this.#jumps.set(keyFor({ topic, partition }), to);
    this.#options.warn(`sink ${NAME}: the log no longer has offsets ${from} to ${to - 1n} of ${topic}[${partition}]`);
  }

  async revoked(topic: string, partition: number): Promise<void> {
    const key = keyFor({ topic, partition });
    const found = this.#partitions.get(key);
    this.#partitions.delete(key);
    this.#jumps.delete(key);
    await found?.close();
  }

  /** Stores the files whose time has come, whatever becomes of each other. */
  async idle(): Promise<void> {
    const { flushAfterMs, now } = this.#options;
    const due = [...this.#partitions.values()].filter(
      ({ openedAtMs }) => openedAtMs !== null && now() - openedAtMs >= flushAfterMs,
    );
    const outcomes = await Promise.allSettled(due.map((partition) => this.#close(partition)));
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    await this.#cleanOnceADay();
  }

  #partition(batch: LogBatch): LakePartition {
    const partition = this.#partitions.get(keyFor(batch));
    if (partition === undefined)
      throw new PartitionLost(`${batch.topic}[${batch.partition}] is not assigned to ${NAME}`);
    if (partition.topicId !== batch.topicId)
      throw new Unrecoverable(`topic ${batch.topic} was deleted and made anew while it was read`);
    return partition;
  }

  /** Brings the partition to the batch's first offset where the log has none in between. */
  async #advance(partition: LakePartition, batch: LogBatch): Promise<void> {
    const jump = this.#jumps.get(keyFor(batch));
    if (jump !== undefined) {
      await partition.skipTo(jump);
      this.#jumps.delete(keyFor(batch));
    }
    partition.startAt(batch.firstOffset);
    if (batch.firstOffset > partition.position!)
      throw new Error(
        `${batch.topic}[${batch.partition}]: ${batch.firstOffset} came where ${partition.position} was due`,
      );
  }

  /** Too large by itself, or one of the larger ones where all together are too large. */
  #isFull({ encodedBytes, memoryBytes }: LakePartition): boolean {
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

  /** A partition whose file was forestalled is forgotten: it is assigned anew, from the store. */
  async #close(partition: LakePartition): Promise<void> {
    try {
      await partition.close();
    } catch (error) {
      if (error instanceof PartitionLost) this.#forget(partition);
      throw error;
    }
  }

  #forget(partition: LakePartition): void {
    for (const [key, held] of this.#partitions) if (held === partition) this.#partitions.delete(key);
  }

  async #cleanOnceADay(): Promise<void> {
    const { objects, retentionDays, now } = this.#options;
    const today = Math.floor(now() / DAY_MS);
    if (retentionDays === null || today === this.#cleanedDay) return;
    for (const topic of this.#tables.keys()) await dropOldFiles(objects, topic, (today - retentionDays) * 24);
    this.#cleanedDay = today;
  }
}

function keyFor({ topic, partition }: Pick<PartitionName, "topic" | "partition">): string {
  return `${topic} ${partition}`;
}
