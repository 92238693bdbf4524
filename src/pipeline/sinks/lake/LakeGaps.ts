/**
 * Reads the messages that are missing between the files of the lake from the log, and stores them again. It writes only before existing
 * files, so the lake sink can continue meanwhile: the sink writes only after the newest file of a partition.
 *
 * A file is created by one put that fails if its name exists, and a gap begins at the end of a file. So if two processes store the
 * messages of one gap, one of them gets `PartitionLost`, and continues after the file of the other.
 */
import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { utcDay } from "../../events/eventDate.ts";
import { type BatchHandler, type LogBatch, type LogMessage, Unrecoverable } from "../../log/EventLog.ts";
import { decodeMessage } from "../decodeMessage.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import { HighWaterMarks } from "../HighWaterMarks.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { SkippedRange } from "../SkippedOffsets.ts";
import { LakePartition } from "./LakePartition.ts";
import { findRecentFile, listAround, listFiles, readFileMetadata, type StoredFile } from "./lakeFiles.ts";
import { lakeTable } from "./lakeTables.ts";

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
  /** Writes the files of the gap that is being read; null before its first message. */
  writer: LakePartition | null;
  /** The log deleted the messages before this offset while they were read. */
  skippedTo: bigint | null;
}

interface GapsOptions {
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** `YYYY-MM-DD`: retention has deleted the files of earlier days, so they are not missing. */
  readonly deletedBefore: string;
  /** False: gaps are only found. */
  readonly isStoring: boolean;
  /** Where to look for gaps. Omitted: everywhere, which reads the metadata of every file. */
  readonly within?: Within;
}

interface Within {
  readonly range: SkippedRange;
  /** Whole hours since 1970. */
  readonly nowHour: number;
  /** Called when the log was read up to the end of the last gap in the range. */
  readonly finished: () => void;
  /** Ends the listing of files, which then rejects. */
  readonly signal: AbortSignal;
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
    const { objects, within } = this.#options;
    if (within !== undefined && !isOf(within.range, topic, partition)) {
      this.#work.set(keyOf(topic, partition), { gaps: [], writer: null, skippedTo: null });
      // Little is read from there.
      return (await findRecentFile(objects, topic, partition, within.nowHour))?.firstOffset ?? null;
    }
    const files =
      within === undefined ? this.#list(topic, partition) : listAround(objects, within.range, within.signal);
    const { gaps, end } = await this.#compare(await files, topicId);
    this.#work.set(keyOf(topic, partition), { gaps, writer: null, skippedTo: null });
    this.#finishIfDone(topic, partition);
    return gaps[0]?.firstOffset ?? end;
  }

  async apply(batch: LogBatch): Promise<void> {
    const work = this.#work.get(keyOf(batch.topic, batch.partition))!;
    await this.#leaveSkipped(work);
    for (const message of batch.messages) {
      await this.#finishUpTo(work, message.offset);
      const gap = work.gaps[0];
      if (gap === undefined) break;
      if (message.offset < gap.firstOffset) continue;
      if (utcDay(message.appendedAt) < this.#options.deletedBefore) gap.firstOffset = message.offset + 1n;
      else await this.#add(batch, work, message);
    }
    await this.#finishUpTo(work, batch.nextOffset);
    this.#finishIfDone(batch.topic, batch.partition);
  }

  onSkipped(topic: string, partition: number, from: bigint, to: bigint): void {
    const work = this.#work.get(keyOf(topic, partition))!;
    work.skippedTo = to;
    for (const gap of work.gaps) {
      if (gap.firstOffset >= to) break;
      const firstOffset = gap.firstOffset > from ? gap.firstOffset : from;
      const nextOffset = gap.nextOffset < to ? gap.nextOffset : to;
      if (!gap.isAtStart) addOnce(this.lost, { topic, partition, firstOffset, nextOffset });
      gap.firstOffset = nextOffset;
    }
    // What the writer has in memory is stored when the next batch arrives.
    if (work.writer !== null) return;
    while (work.gaps.length > 0 && work.gaps[0].nextOffset <= to) work.gaps.shift();
    this.#finishIfDone(topic, partition);
  }

  /** The next `onAssigned` finds gaps that were not stored again. */
  async onRevoked(topic: string, partition: number): Promise<void> {
    this.#work.delete(keyOf(topic, partition));
  }

  #finishIfDone(topic: string, partition: number): void {
    const { within } = this.#options;
    if (within === undefined || !isOf(within.range, topic, partition)) return;
    if (this.#work.get(keyOf(topic, partition))!.gaps.length === 0) within.finished();
  }

  async #list(topic: string, partition: number): Promise<StoredFile[]> {
    const files: StoredFile[] = [];
    for await (const file of listFiles(this.#options.objects, topic))
      if (file.partition === partition) files.push(file);
    return files.sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  }

  /** The gaps before and between the files, and the offset after the last file; null without files. */
  async #compare(files: readonly StoredFile[], topicId: string): Promise<{ gaps: Gap[]; end: bigint | null }> {
    const gaps: Gap[] = [];
    let end: bigint | null = null;
    let marks = new HighWaterMarks();
    const { objects, within } = this.#options;
    for (const file of files) {
      within?.signal.throwIfAborted();
      const metadata = await readFileMetadata(objects, file);
      if (metadata.topicId !== topicId)
        throw new Unrecoverable(
          `lake file ${file.key} is from before the topic was deleted and recreated, or from another installation: check NAMESPACE, KAFKA_BROKERS and S3_BUCKET or DATA_DIR`,
        );
      const firstOffset = end ?? within?.range.firstOffset ?? 0n;
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

  /** Stores the messages before the offsets that the log has deleted. No file may cover these offsets. */
  async #leaveSkipped(work: Work): Promise<void> {
    const { writer, skippedTo } = work;
    work.skippedTo = null;
    if (writer === null || skippedTo === null) return;
    if (skippedTo < work.gaps[0].nextOffset) return writer.skipTo(skippedTo);
    await writer.storeFile();
    work.writer = null;
    while (work.gaps.length > 0 && work.gaps[0].nextOffset <= skippedTo) work.gaps.shift();
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

function isOf(range: SkippedRange, topic: string, partition: number): boolean {
  return range.topic === topic && range.partition === partition;
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
