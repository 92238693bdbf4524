/**
 * Reads the messages that are missing between the files of the lake from the log, and stores them again. It writes only before existing
 * files, so the lake sink can continue meanwhile: the sink writes only after the newest file of a partition.
 */
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import { utcDay } from "../events/eventDate.ts";
import { type BatchHandler, type LogBatch, type LogMessage, Unrecoverable } from "../log/EventLog.ts";
import { decodeMessage } from "../sinks/decodeMessage.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import { HighWaterMarks } from "../sinks/HighWaterMarks.ts";
import { LakePartition } from "../sinks/lake/LakePartition.ts";
import { listFiles, readFileMetadata, type StoredFile } from "../sinks/lake/lakeFiles.ts";
import { lakeTable } from "../sinks/lake/lakeTables.ts";
import { isMeantFor } from "../sinks/redriveHeader.ts";
import type { SkippedRange } from "../sinks/SkippedOffsets.ts";

const FILE_BYTES_MAX = 44 * 2 ** 20;

interface Gap {
  firstOffset: bigint;
  /** Exclusive: the first offset of the file after the gap. */
  readonly nextOffset: bigint;
  /** Of the file before the gap. */
  readonly marks: HighWaterMarks;
  /** Whether the gap is before the partition's first file: retention deletes such files, and the log keeps no older messages. */
  readonly isAtStart: boolean;
}

interface Work {
  readonly gaps: Gap[];
  /** Writes the files of the first gap; null before its first message. */
  writer: LakePartition | null;
}

interface GapsOptions {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** `YYYY-MM-DD`: retention has deleted the files of earlier days, so they are not missing. */
  readonly deletedBefore: string;
  /** False: gaps are only found. */
  readonly isStoring: boolean;
}

export class LakeGaps implements BatchHandler {
  /** Gaps of which the log has messages. */
  readonly found: SkippedRange[] = [];
  /** Neither the lake nor the log has them. */
  readonly lost: SkippedRange[] = [];
  readonly #options: GapsOptions;
  readonly #work = new Map<string, Work>();

  constructor(options: GapsOptions) {
    this.#options = options;
  }

  async onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    const files: StoredFile[] = [];
    for await (const file of listFiles(this.#options.objects, topic))
      if (file.partition === partition) files.push(file);
    files.sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
    const { gaps, end } = await this.#compare(files, topicId);
    this.#work.set(keyOf(topic, partition), { gaps, writer: null });
    return gaps[0]?.firstOffset ?? end;
  }

  async apply(batch: LogBatch): Promise<void> {
    const work = this.#work.get(keyOf(batch.topic, batch.partition))!;
    for (const message of batch.messages) {
      await this.#finishUpTo(work, message.offset);
      const gap = work.gaps[0];
      if (gap === undefined) return;
      if (message.offset < gap.firstOffset) continue;
      if (utcDay(message.appendedAt) < this.#options.deletedBefore) gap.firstOffset = message.offset + 1n;
      else await this.#add(batch, work, message);
    }
    await this.#finishUpTo(work, batch.nextOffset);
  }

  onSkipped(topic: string, partition: number, _from: bigint, to: bigint): void {
    const { gaps } = this.#work.get(keyOf(topic, partition))!;
    for (const gap of gaps) {
      if (gap.firstOffset >= to) return;
      const nextOffset = gap.nextOffset < to ? gap.nextOffset : to;
      if (!gap.isAtStart) addOnce(this.lost, { topic, partition, firstOffset: gap.firstOffset, nextOffset });
      gap.firstOffset = nextOffset;
    }
  }

  /** The next `onAssigned` finds gaps that were not stored again. */
  async onRevoked(topic: string, partition: number): Promise<void> {
    this.#work.delete(keyOf(topic, partition));
  }

  /** The gaps before and between the files, and the offset after the last file; null without files. */
  async #compare(files: readonly StoredFile[], topicId: string): Promise<{ gaps: Gap[]; end: bigint | null }> {
    const gaps: Gap[] = [];
    let end: bigint | null = null;
    let marks = new HighWaterMarks();
    for (const file of files) {
      const metadata = await readFileMetadata(this.#options.objects, file);
      if (metadata.topicId !== topicId)
        throw new Unrecoverable(
          `lake file ${file.key} is from before the topic was deleted and recreated, or from another installation: check NAMESPACE, KAFKA_BROKERS and S3_BUCKET or DATA_DIR`,
        );
      const firstOffset = end ?? 0n;
      if (firstOffset < metadata.firstOffset)
        gaps.push({ firstOffset, nextOffset: metadata.firstOffset, marks, isAtStart: end === null });
      end = metadata.lastOffset + 1n;
      marks = metadata.marks;
    }
    return { gaps, end };
  }

  async #add(batch: LogBatch, work: Work, message: LogMessage): Promise<void> {
    const { objects, catalogue, isStoring } = this.#options;
    const { topic, partition, topicId } = batch;
    const { firstOffset, nextOffset, marks } = work.gaps[0];
    addOnce(this.found, { topic, partition, firstOffset, nextOffset });
    if (!isStoring) return;
    work.writer ??= new LakePartition(
      { topic, partition, topicId },
      lakeTable(topic, catalogue),
      { objects, putFailed() {} },
      { next: firstOffset, marks: marks.copy(), key: null },
    );
    const { writer } = work;
    const decoded = isMeantFor("lake", message) ? decodeMessage(message, catalogue) : { message };
    const isNew = await writer.tryAccept(message, { nowMs: message.appendedAt, monotonicMs: 0 });
    // It was published to `logs_rejected` when the lost file was written.
    if (isNew && "reason" in decoded) writer.addRejected();
    else if (isNew && "value" in decoded) writer.add(decoded);
    if (writer.encodedBytes >= FILE_BYTES_MAX) await writer.storeFile();
  }

  /** Ends the gaps that end at this offset or before it. */
  async #finishUpTo(work: Work, offset: bigint): Promise<void> {
    while (work.gaps.length > 0 && work.gaps[0].nextOffset <= offset) {
      const { nextOffset } = work.gaps[0];
      work.writer?.advanceTo(nextOffset);
      await work.writer?.storeFile();
      work.writer = null;
      work.gaps.shift();
    }
  }
}

function addOnce(ranges: SkippedRange[], range: SkippedRange): void {
  const isKnown = ranges.some(
    ({ topic, partition, nextOffset }) =>
      topic === range.topic && partition === range.partition && nextOffset === range.nextOffset,
  );
  if (!isKnown) ranges.push(range);
}

function keyOf(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}
