/**
 * Rebuilds what a sink has stored: clears it, including the offsets, and passes all messages to the sink's own handler again,
 * from the log or from the lake. The lake's files contain the log's offsets, so the sink can then continue in the log.
 */
import type { ObjectStore } from "../../platform/objectStore/ObjectStore.ts";
import type { EventLog, LogBatch, LogMessage } from "../log/EventLog.ts";
import { readToEnd } from "../log/readToEnd.ts";
import { wrapHandler } from "../log/wrapHandler.ts";
import type { EventCatalogue } from "../sinks/eventCatalogue.ts";
import { lakeTopics } from "../sinks/lake/LakeSink.ts";
import { listFiles, readFileMetadata, type StoredFile } from "../sinks/lake/lakeFiles.ts";
import { lakeTable } from "../sinks/lake/lakeTables.ts";
import { readMessages } from "../sinks/lake/readLake.ts";
import type { Sink } from "../sinks/runSink.ts";
import type { SkippedRange } from "../sinks/SkippedOffsets.ts";

/** A sink whose effects can be rebuilt. */
export interface Rebuildable {
  readonly sink: Sink;
  /** What `clear` deletes, as text for the terminal. */
  readonly clears: string;
  /** Deletes the sink's effects and its offsets. */
  clear(): Promise<void>;
}

/** The messages that a sink has missed, because the log had deleted them. */
export interface Missing {
  /** The same sink with separate offsets, so that it can store these messages while the running sink continues. */
  readonly sink: Sink;
  ranges(): Promise<SkippedRange[]>;
  /** Forgets the range. */
  remove(range: SkippedRange): Promise<void>;
  /** Forgets the offsets of `sink`. */
  clearOffsets(): Promise<void>;
}

const BATCH_MESSAGES = 1_000;

/** Deletes the old data only when the log assigns a partition. So nothing is deleted if the log cannot be read. */
export async function rebuildFromLog({ sink, clear }: Rebuildable, log: EventLog, patienceMs?: number): Promise<void> {
  let cleared: Promise<void> | null = null;
  const clearsFirst = wrapHandler(sink.handler, {
    async onAssigned(topic, partition, topicId) {
      cleared ??= clear().catch((error) => {
        cleared = null;
        throw error;
      });
      await cleared;
      return sink.handler.onAssigned(topic, partition, topicId);
    },
  });
  await readToEnd(log, sink.name, sink.topics, clearsFirst, { patienceMs });
}

/** @param progress is called after each file with the number of files that are done and the number of all files. */
export async function rebuildFromLake(
  { sink, clear }: Rebuildable,
  objects: ObjectStore,
  catalogue: EventCatalogue,
  progress: (done: number, all: number) => void,
): Promise<void> {
  const partitions: StoredFile[][] = [];
  const inLake = new Set(lakeTopics(catalogue));
  for (const topic of sink.topics.filter((topic) => inLake.has(topic)))
    partitions.push(...(await listPartitions(objects, topic)));
  const fileCount = partitions.reduce((sum, files) => sum + files.length, 0);
  let filesDone = 0;
  await clear();
  for (const files of partitions)
    await feedPartition(sink, objects, catalogue, files, () => progress(++filesDone, fileCount));
}

/**
 * Reads the messages that the sink has missed from the lake, and stores them. Also stores all later messages of these partitions again,
 * because a later message may need an earlier one. Sinks recognize repeats. Resolves to the ranges that are not, or not completely, in
 * the lake.
 */
export async function storeMissingFromLake(
  { sink, ranges, remove, clearOffsets }: Missing,
  objects: ObjectStore,
  catalogue: EventCatalogue,
  progress: (done: number, all: number) => void,
): Promise<SkippedRange[]> {
  const missing = await ranges();
  const lost = new Set(missing);
  await clearOffsets();
  for (const topic of new Set(missing.map((range) => range.topic))) {
    for (const all of await listPartitions(objects, topic)) {
      const inPartition = missing.filter((range) => range.topic === topic && range.partition === all[0].partition);
      if (inPartition.length === 0) continue;
      const first = all.findLastIndex(({ firstOffset }) => firstOffset <= inPartition[0].firstOffset);
      const files = all.slice(Math.max(0, first));
      let done = 0;
      const covered = await feedPartition(sink, objects, catalogue, files, () => progress(++done, files.length));
      for (const range of inPartition) if (isCovered(range, covered)) lost.delete(range);
    }
  }
  await clearOffsets();
  for (const range of missing) await remove(range);
  return [...lost];
}

function isCovered(
  { firstOffset, nextOffset }: SkippedRange,
  covered: readonly (readonly [bigint, bigint])[],
): boolean {
  return covered.some(([from, to]) => from <= firstOffset && nextOffset <= to);
}

/** The topic's files, one list per partition, each sorted by offset. */
async function listPartitions(objects: ObjectStore, topic: string): Promise<StoredFile[][]> {
  const partitions = new Map<number, StoredFile[]>();
  for await (const file of listFiles(objects, topic)) {
    const files = partitions.get(file.partition);
    if (files === undefined) partitions.set(file.partition, [file]);
    else files.push(file);
  }
  for (const files of partitions.values()) files.sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  return [...partitions.values()];
}

/** Resolves to the ranges of offsets that the files cover: from (inclusive), to (exclusive). */
async function feedPartition(
  { handler }: Sink,
  objects: ObjectStore,
  catalogue: EventCatalogue,
  files: readonly StoredFile[],
  onFileDone: () => void,
): Promise<readonly (readonly [bigint, bigint])[]> {
  const covered: [bigint, bigint][] = [];
  const { topic, partition } = files[0];
  const { topicId } = await readFileMetadata(objects, files.at(-1)!);
  let next = (await handler.onAssigned(topic, partition, topicId)) ?? files[0].firstOffset;
  for (const file of files) {
    const metadata = await readFileMetadata(objects, file);
    if (metadata.topicId !== topicId)
      throw new Error(
        `lake file ${file.key} is from before topic ${topic} was deleted and recreated, or from another installation: check NAMESPACE and S3_BUCKET or DATA_DIR; docs/lake.md says how to continue after a topic was recreated`,
      );
    if (metadata.firstOffset > next) handler.onSkipped(topic, partition, next, metadata.firstOffset);
    next = metadata.firstOffset;
    const endOffset = metadata.lastOffset + 1n;
    const common = { topic, partition, topicId, endOffset };
    for await (const messages of inBatches(readMessages(objects, file, lakeTable(topic, catalogue)))) {
      const nextOffset = messages.at(-1)!.offset + 1n;
      await handler.apply({ ...common, firstOffset: next, nextOffset, messages });
      next = nextOffset;
    }
    if (next < endOffset) await handler.apply({ ...common, firstOffset: next, nextOffset: endOffset, messages: [] });
    next = endOffset;
    const last = covered.at(-1);
    if (last?.[1] === metadata.firstOffset) last[1] = endOffset;
    else covered.push([metadata.firstOffset, endOffset]);
    onFileDone();
  }
  await handler.onRevoked(topic, partition);
  return covered;
}

async function* inBatches(messages: AsyncIterable<LogMessage>): AsyncGenerator<LogBatch["messages"]> {
  let batch: LogMessage[] = [];
  for await (const message of messages) {
    batch.push(message);
    if (batch.length < BATCH_MESSAGES) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
