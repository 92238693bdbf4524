/** Lists the lake's files and reads the metadata in their footers. Writes nothing. */
import { parquetMetadataAsync } from "hyparquet";
import type { ObjectEntry, ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { HighWaterMarks } from "../HighWaterMarks.ts";
import type { SkippedRange } from "../SkippedOffsets.ts";
import { hourPrefix, keyOf, type LakeFile, parseKey, topicPrefix } from "./lakeKeys.ts";

/** Listing everything is slow. So a partition's files are searched in the last 2 hours, then in longer and longer times. */
const WINDOWS_HOURS = [2, 24, 16 * 24, 256 * 24];

export interface StoredFile extends LakeFile, ObjectEntry {}

/** The metadata of a file's footer. Offsets are those of the log, both ends included. */
export interface FileMetadata {
  readonly topicId: string;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** Of all messages of the partition up to the end of this file. */
  readonly marks: HighWaterMarks;
  /** Offsets of messages that were left out because they are repeats: first and last of each range. */
  readonly repeats: readonly (readonly [bigint, bigint])[];
  /** How many messages were published to `logs_rejected`. */
  readonly rejected: number;
}

/** Yields the topic's files by day and hour; within an hour, by partition and offset. @param fromHour whole hours since 1970. */
export async function* listFiles(objects: ObjectStore, topic: string, fromHour = 0): AsyncGenerator<StoredFile> {
  for await (const entry of objects.list(topicPrefix(topic), hourPrefix(topic, fromHour))) {
    const file = parseKey(entry.key);
    if (file !== null) yield { ...file, ...entry };
  }
}

/**
 * The partition's files that begin in the range, the file before it and the file after it, sorted by offset. Lists all files of the topic,
 * because the log's append times can go back. Rejects if the signal is aborted.
 */
export async function listAround(
  objects: ObjectStore,
  { topic, partition, firstOffset, nextOffset }: SkippedRange,
  signal: AbortSignal,
): Promise<StoredFile[]> {
  const inside: StoredFile[] = [];
  let before: StoredFile | null = null;
  let after: StoredFile | null = null;
  for await (const file of listFiles(objects, topic)) {
    signal.throwIfAborted();
    if (file.partition !== partition) continue;
    if (file.firstOffset < firstOffset) {
      if (before === null || file.firstOffset > before.firstOffset) before = file;
    } else if (file.firstOffset < nextOffset) inside.push(file);
    else if (after === null || file.firstOffset < after.firstOffset) after = file;
  }
  inside.sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
  return [before, ...inside, after].filter((file) => file !== null);
}

/** Whether the lake has a file of any of the topics. */
export async function hasAnyFile(objects: ObjectStore, topics: readonly string[]): Promise<boolean> {
  for (const topic of topics) for await (const _file of listFiles(objects, topic)) return true;
  return false;
}

/**
 * A recent file of the partition, usually its last one; null if the partition has none. The log's append times can go back, and
 * then files with higher offsets are in earlier hours, which may not have been searched: see `findNextFile`.
 */
export async function findRecentFile(
  objects: ObjectStore,
  topic: string,
  partition: number,
  nowHour: number,
): Promise<StoredFile | null> {
  for (const hours of WINDOWS_HOURS) {
    const last = await findLastFile(objects, topic, partition, nowHour - hours);
    if (last !== null) return last;
  }
  return findLastFile(objects, topic, partition);
}

/** The file with the highest offset in the hours from `fromHour` on. Without `fromHour`, lists all files of the topic. */
export async function findLastFile(
  objects: ObjectStore,
  topic: string,
  partition: number,
  fromHour = 0,
): Promise<StoredFile | null> {
  let last: StoredFile | null = null;
  for await (const file of listFiles(objects, topic, fromHour)) {
    if (file.partition === partition && (last === null || file.firstOffset > last.firstOffset)) last = file;
  }
  return last;
}

/**
 * The file that begins at this offset; null if there is none. Its hour must be the append time of the first message that has
 * this offset or a later one.
 */
export async function findNextFile(objects: ObjectStore, file: LakeFile): Promise<StoredFile | null> {
  const key = keyOf(file);
  const info = await objects.head(key);
  return info === null ? null : { ...file, key, size: info.size };
}

export const METADATA_KEYS = {
  topic: "hypogeum.topic",
  partition: "hypogeum.partition",
  topicId: "hypogeum.topic_id",
  firstOffset: "hypogeum.first_offset",
  lastOffset: "hypogeum.last_offset",
  outboxes: "hypogeum.outboxes",
  repeats: "hypogeum.repeats",
  rejected: "hypogeum.rejected",
  fields: "hypogeum.fields",
} as const;

/** Rejects if the file does not exist, or was not written by the lake sink. */
export async function readFileMetadata(objects: ObjectStore, { key, size }: ObjectEntry): Promise<FileMetadata> {
  const metadata = await parquetMetadataAsync(asyncBuffer(objects, key, size));
  const values = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  const read = (name: keyof typeof METADATA_KEYS): string => {
    const value = values.get(METADATA_KEYS[name]);
    if (value === undefined)
      throw new Error(
        `lake file ${key} lacks the metadata ${METADATA_KEYS[name]}: it was not written by the lake sink`,
      );
    return value;
  };
  const ranges = JSON.parse(read("repeats")) as [string, string][];
  return {
    topicId: read("topicId"),
    firstOffset: BigInt(read("firstOffset")),
    lastOffset: BigInt(read("lastOffset")),
    marks: HighWaterMarks.parse(read("outboxes")),
    repeats: ranges.map(([first, last]) => [BigInt(first), BigInt(last)] as const),
    rejected: Number(read("rejected")),
  };
}

/** A file in the form that hyparquet reads. Reads only the requested ranges of bytes. */
export function asyncBuffer(objects: ObjectStore, key: string, size: number) {
  return {
    byteLength: size,
    async slice(from: number, to = size): Promise<ArrayBuffer> {
      const bytes = await objects.get(key, { from: from < 0 ? size + from : from, to });
      if (bytes === null) throw new Error(`lake file ${key} was deleted while it was read`);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
}
