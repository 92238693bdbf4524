/**
 * Writes the messages of one partition to files, one open file at a time. A file covers the offsets from the end of the previous
 * file to its own end, without a gap, within one hour of append time. A range of offsets without messages opens no file.
 */
import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { type LogMessage, NotStored, PartitionLost } from "../../log/EventLog.ts";
import type { HighWaterMarks } from "../HighWaterMarks.ts";
import { fieldsToJson } from "./fileFields.ts";
import { METADATA_KEYS } from "./lakeFiles.ts";
import { hourOf, keyOf, type LakeFile } from "./lakeKeys.ts";
import type { LakeTable } from "./lakeTables.ts";
import { ParquetFile } from "./ParquetFile.ts";
import { RowWriter, type Storable } from "./RowWriter.ts";

export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
  readonly topicId: string;
}

interface OpenFile {
  readonly hour: number;
  /** On the monotonic clock. */
  readonly openedAtMs: number;
  /** Unix ms. */
  readonly openedAtUnixMs: number;
  /** When the log appended its first message, Unix ms. */
  readonly appendedAtMs: number;
  readonly parquet: ParquetFile;
  /** Ranges of offsets: first and last. */
  readonly repeats: [bigint, bigint][];
  rejected: number;
  /** The finished file; null while rows may be added. Kept so that a failed put is retried with the same bytes. */
  bytes: Uint8Array | null;
}

interface Clocks {
  /** Unix ms. */
  readonly nowMs: number;
  readonly monotonicMs: number;
}

/** Messages may only seem to be old, because the log's clock is wrong. So not every call stores a file. */
const LATE_OPEN_MS = 60_000;

export class LakePartition {
  readonly name: PartitionName;
  readonly #table: LakeTable;
  readonly #objects: ObjectStore;
  readonly #putFailed: () => void;
  readonly #marks: HighWaterMarks;
  readonly #rows: RowWriter;
  /** First offset of the open file, or of the next one. */
  #from: bigint | null;
  /** Offset after the last message that was accepted; null before the first batch of a partition without files. */
  #position: bigint | null;
  #file: OpenFile | null = null;
  /** Whether the log had more messages when the latest batch was read. */
  #hasMore = false;
  /** Whether it is certain that no stored file begins at `#from`. */
  isAfterNewestFile = false;
  /** Key of the file before the open one; null if there is none. */
  lastKey: string | null;

  /** @param stored `next` is the offset after the partition's last file, whose key is `key`; null without one. */
  constructor(
    name: PartitionName,
    table: LakeTable,
    { objects, putFailed }: { readonly objects: ObjectStore; readonly putFailed: () => void },
    stored: { readonly next: bigint | null; readonly marks: HighWaterMarks; readonly key: string | null },
  ) {
    this.name = name;
    this.#table = table;
    this.#objects = objects;
    this.#putFailed = putFailed;
    this.#marks = stored.marks;
    this.#rows = new RowWriter(table);
    this.#from = stored.next;
    this.#position = stored.next;
    this.lastKey = stored.key;
  }

  get topicId(): string {
    return this.name.topicId;
  }

  get position(): bigint | null {
    return this.#position;
  }

  /** Offset up to which everything is in files, so the log may delete it. */
  get storedOffset(): bigint | null {
    return this.#file === null ? this.#position : this.#from;
  }

  get memoryBytes(): number {
    return this.#file?.parquet.memoryBytes ?? 0;
  }

  get encodedBytes(): number {
    return this.#file?.parquet.encodedBytes ?? 0;
  }

  /**
   * Whether the open file is to be stored, because it has been open for `flushAfterMs`. Without messages left to read, also a file with
   * messages that are older than that: they were read late.
   */
  isDue(flushAfterMs: number, { nowMs, monotonicMs }: Clocks): boolean {
    if (this.#file === null) return false;
    const openForMs = monotonicMs - this.#file.openedAtMs;
    const isLate = nowMs - this.#file.appendedAtMs >= flushAfterMs && openForMs >= LATE_OPEN_MS;
    return openForMs >= flushAfterMs || (isLate && !this.#hasMore);
  }

  /** Starts at `offset`, unless a stored file or an earlier batch has set the position. */
  startAt(offset: bigint): void {
    this.#from ??= offset;
    this.#position ??= offset;
  }

  /** The file that would begin with this message, if it is the first one that the partition receives. */
  nextFile(message: LogMessage): LakeFile {
    const { topic, partition } = this.name;
    return { topic, partition, hour: hourOf(message.appendedAt), firstOffset: this.#from! };
  }

  /** Stores the open file and starts the next one at `to`, because the log no longer has the offsets in between. */
  async skipTo(to: bigint): Promise<void> {
    await this.storeFile();
    this.#from = to;
    this.#position = to;
  }

  /** The messages that repeat neither an earlier one nor each other. Changes nothing. */
  selectNew(messages: readonly LogMessage[]): Set<LogMessage> {
    const marks = this.#marks.copy();
    return new Set(messages.filter((message) => marks.tryAccept(message)));
  }

  /**
   * Moves the position past the message and records a repeat in the file. Returns false for a repeat. Opens a file if none is
   * open, and first stores a file of another hour. Rejects as `storeFile` does.
   */
  async tryAccept(message: LogMessage, clocks: Clocks): Promise<boolean> {
    const hour = hourOf(message.appendedAt);
    if (this.#file !== null && this.#file.hour !== hour) {
      this.#position = message.offset;
      await this.storeFile();
    }
    this.#file ??= {
      hour,
      openedAtMs: clocks.monotonicMs,
      openedAtUnixMs: clocks.nowMs,
      appendedAtMs: message.appendedAt,
      parquet: new ParquetFile(this.#table.columns),
      repeats: [],
      rejected: 0,
      bytes: null,
    };
    const isNew = this.#marks.tryAccept(message);
    if (!isNew) addToRanges(this.#file.repeats, message.offset);
    this.#position = message.offset + 1n;
    return isNew;
  }

  add(decoded: Storable): void {
    const { parquet } = this.#file!;
    this.#rows.write(decoded, parquet.columns);
    parquet.onRowsAdded(decoded.type === "columns" ? decoded.bytes : (decoded.message.value?.length ?? 0));
  }

  addRejected(): void {
    this.#file!.rejected++;
  }

  /** Moves the position to `next` after all messages before it were accepted. @param end the end of the log, as far as it is known. */
  advanceTo(next: bigint, end = next): void {
    this.#position = next;
    this.#hasMore = next < end;
  }

  /**
   * Stores the open file, if there is one. Throws `PartitionLost` if another process has written a file with this first offset;
   * then this object must not be used any more. Throws `NotStored` after any other failure of the store; a repeated call stores
   * the same file again.
   */
  async storeFile(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    const [from, next] = [this.#from!, this.#position!];
    const { topic, partition, topicId } = this.name;
    const key = keyOf({ topic, partition, hour: file.hour, firstOffset: from });
    file.bytes ??= file.parquet.finish(this.#metadata(file, from, next));
    const outcome = await this.#put(key, file.bytes, {
      "topic-id": topicId,
      "first-offset": String(from),
      "last-offset": String(next - 1n),
    });
    if (outcome === "exists")
      throw new PartitionLost(`lake file ${key} already exists: another process consumes the partition`);
    this.#file = null;
    this.#from = next;
    this.lastKey = key;
  }

  async #put(...args: Parameters<ObjectStore["putNew"]>): Promise<"created" | "exists"> {
    try {
      return await this.#objects.putNew(...args);
    } catch (error) {
      this.#putFailed();
      throw new NotStored(this.name, this.#from!, error);
    }
  }

  #metadata(file: OpenFile, from: bigint, next: bigint): Record<string, string> {
    const { topic, partition, topicId } = this.name;
    return {
      [METADATA_KEYS.topic]: topic,
      [METADATA_KEYS.partition]: String(partition),
      [METADATA_KEYS.topicId]: topicId,
      [METADATA_KEYS.firstOffset]: String(from),
      [METADATA_KEYS.lastOffset]: String(next - 1n),
      [METADATA_KEYS.outboxes]: this.#marks.toString(Math.min((file.hour + 1) * 3_600_000, file.openedAtUnixMs)),
      [METADATA_KEYS.repeats]: JSON.stringify(file.repeats.map((range) => range.map(String))),
      [METADATA_KEYS.rejected]: String(file.rejected),
      [METADATA_KEYS.fields]: fieldsToJson(this.#table),
    };
  }
}

function addToRanges(ranges: [bigint, bigint][], offset: bigint): void {
  const last = ranges.at(-1);
  if (last !== undefined && last[1] === offset - 1n) last[1] = offset;
  else ranges.push([offset, offset]);
}
