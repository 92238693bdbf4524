/**
 * Owns what the lake's files say of themselves: their names and the metadata in their footers. Reads; never writes.
 */
import { parquetMetadataAsync } from "hyparquet";
import type { ObjectEntry, ObjectStore } from "../../../platform/objects/ObjectStore.ts";
import { HighWaterMarks } from "../HighWaterMarks.ts";
import { hourPrefix, type LakeFile, parseKey, topicPrefix } from "./lakeKeys.ts";

/** Hours back from now in which a partition's last file is looked for, the nearest first; then everywhere. */
const WINDOWS_HOURS = [2, 24, 16 * 24, 256 * 24];

export interface StoredFile extends LakeFile, ObjectEntry {}

/** What a file's footer says. Offsets are those of the log, both included. */
export interface FileMetadata {
  readonly topicId: string;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
  /** Of the partition, from its beginning to the end of this file. */
  readonly marks: HighWaterMarks;
  /** Offsets of messages that were left out as repeats: first and last of each run. */
  readonly repeats: readonly (readonly [bigint, bigint])[];
  /** Messages that went to `logs_rejected`. */
  readonly rejected: number;
}

/** In the order of day, hour, and within an hour of partition and offset. */
export async function* listFiles(objects: ObjectStore, topic: string, fromHour = 0): AsyncGenerator<StoredFile> {
  for await (const entry of objects.list(topicPrefix(topic), hourPrefix(topic, fromHour))) {
    const file = parseKey(entry.key);
    if (file !== null) yield { ...file, ...entry };
  }
}

/** The partition's file with the highest offset; null where it has none. */
export async function findLastFile(
  objects: ObjectStore,
  topic: string,
  partition: number,
  nowHour: number,
): Promise<StoredFile | null> {
  for (const hours of [...WINDOWS_HOURS, nowHour]) {
    let last: StoredFile | null = null;
    for await (const file of listFiles(objects, topic, nowHour - hours)) {
      if (file.partition === partition && (last === null || file.firstOffset > last.firstOffset)) last = file;
    }
    if (last !== null) return last;
  }
  return null;
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
} as const;

/** @throws where the file is gone, or none of ours. */
export async function readFileMetadata(objects: ObjectStore, { key, size }: ObjectEntry): Promise<FileMetadata> {
  const metadata = await parquetMetadataAsync(asyncBuffer(objects, key, size));
  const said = new Map(metadata.key_value_metadata?.map(({ key, value }) => [key, value]));
  const read = (name: keyof typeof METADATA_KEYS): string => {
    const value = said.get(METADATA_KEYS[name]);
    if (value === undefined) throw new Error(`the lake's file ${key} says no ${METADATA_KEYS[name]}`);
    return value;
  };
  const runs = JSON.parse(read("repeats")) as [string, string][];
  return {
    topicId: read("topicId"),
    firstOffset: BigInt(read("firstOffset")),
    lastOffset: BigInt(read("lastOffset")),
    marks: HighWaterMarks.parse(read("outboxes")),
    repeats: runs.map(([first, last]) => [BigInt(first), BigInt(last)] as const),
    rejected: Number(read("rejected")),
  };
}

/** As hyparquet reads a file. */
export function asyncBuffer(objects: ObjectStore, key: string, size: number) {
  return {
    byteLength: size,
    async slice(from: number, to = size): Promise<ArrayBuffer> {
      const bytes = await objects.get(key, { from: from < 0 ? size + from : from, to });
      if (bytes === null) throw new Error(`the lake's file ${key} is gone`);
      return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    },
  };
}
