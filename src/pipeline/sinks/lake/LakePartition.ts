/**
 * Owns one partition's way into files: where it stands, and the one file that is open. A file covers the offsets from the end of the
 * one before it to its own end, without a gap, within one hour of append time. Offsets at which nothing came open no file.
 */

import type { ObjectStore } from "../../../platform/objects/ObjectStore.ts";
import { type LogMessage, PartitionLost } from "../../log/Log.ts";
import type { HighWaterMarks } from "../HighWaterMarks.ts";
import { METADATA_KEYS } from "./lakeFiles.ts";
import { hourOf, keyOf } from "./lakeKeys.ts";
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
  readonly openedAtMs: number;
  readonly parquet: ParquetFile;
  /** Runs of offsets: first and last. */
  readonly repeats: [bigint, bigint][];
  rejected: number;
  /** Once it is finished: nothing may be added, only the same bytes stored again. */
  bytes: Uint8Array | null;
}

export class LakePartition {
  readonly #name: PartitionName;
  readonly #table: LakeTable;
  readonly #objects: ObjectStore;
  readonly #marks: HighWaterMarks;
  readonly #rows: RowWriter;
  /** First offset of the file that is open or will be. */
  #from: bigint | null;
  /** Offset up to which all was taken; null before the first batch of a partition without files. */
  #position: bigint | null;
  #file: OpenFile | null = null;

  /** @param next offset behind the partition's last file; null without one. */
  constructor(
    name: PartitionName,
    table: LakeTable,
    objects: ObjectStore,
    stored: { readonly next: bigint | null; readonly marks: HighWaterMarks },
  ) {
    this.#name = name;
    this.#table = table;
    this.#objects = objects;
    this.#marks = stored.marks;
    this.#rows = new RowWriter(table);
    this.#from = stored.next;
    this.#position = stored.next;
  }

  get topicId(): string {
    return this.#name.topicId;
  }

  get position(): bigint | null {
    return this.#position;
  }

  /** Offset up to which nothing is needed from the log any more. */
  get stored(): bigint | null {
    return this.#file === null ? this.#position : this.#from;
  }

  get memoryBytes(): number {
    return this.#file?.parquet.memoryBytes ?? 0;
  }

  get encodedBytes(): number {
    return this.#file?.parquet.encodedBytes ?? 0;
  }

  /** Unix ms; null while no file is open. */
  get openedAtMs(): number | null {
    return this.#file?.openedAtMs ?? null;
  }

  /** Begins at `offset` where no file says where. */
  startAt(offset: bigint): void {
    this.#from ??= offset;
    this.#position ??= offset;
  }

  /** Offsets up to `to` do not exist any more: the next file begins there. */
  async skipTo(to: bigint): Promise<void> {
    await this.close();
    this.#from = to;
    this.#position = to;
  }

  /** Those of the messages that are no repeats, of each other neither; takes none of them. */
  selectNew(messages: readonly LogMessage[]): Set<LogMessage> {
    const marks = this.#marks.copy();
    return new Set(messages.filter((message) => marks.tryAccept(message)));
  }

  /** Whether the message is one that was not taken before under another offset. Makes room for it in an open file. */
  async tryAccept(message: LogMessage, nowMs: number): Promise<boolean> {
    const hour = hourOf(message.appendedAt);
    if (this.#file !== null && this.#file.hour !== hour) {
      this.#position = message.offset;
      await this.close();
    }
    this.#file ??= {
      hour,
      openedAtMs: nowMs,
      parquet: new ParquetFile(this.#table.columns),
      repeats: [],
      rejected: 0,
      bytes: null,
    };
    const isNew = this.#marks.tryAccept(message);
    if (!isNew) addToRuns(this.#file.repeats, message.offset);
    this.#position = message.offset + 1n;
    return isNew;
  }

  add(decoded: Storable): void {
    const { parquet } = this.#file!;
    this.#rows.write(decoded, parquet.columns);
    parquet.added(decoded.message.value?.length ?? 0);
  }

  addRejected(): void {
    this.#file!.rejected++;
  }

  /** All offsets before `next` were taken. */
  advanceTo(next: bigint): void {
    this.#position = next;
  }

  /**
   * Stores the open file, if there is one. Throws `PartitionLost` where another writer was there before; then this partition's memory is
   * worth nothing any more. Other failures leave the file to be stored again.
   */
  async close(): Promise<void> {
    const file = this.#file;
    if (file === null) return;
    const [from, next] = [this.#from!, this.#position!];
    const { topic, partition, topicId } = this.#name;
    const key = keyOf({ topic, partition, hour: file.hour, firstOffset: from });
    file.bytes ??= file.parquet.finish(this.#metadata(file, from, next));
    const outcome = await this.#objects.putNew(key, file.bytes, {
      "topic-id": topicId,
      "first-offset": String(from),
      "last-offset": String(next - 1n),
    });
    if (outcome === "exists") throw new PartitionLost(`${key} is there already`);
    this.#file = null;
    this.#from = next;
  }

  #metadata(file: OpenFile, from: bigint, next: bigint): Record<string, string> {
    const { topic, partition, topicId } = this.#name;
    return {
      [METADATA_KEYS.topic]: topic,
      [METADATA_KEYS.partition]: String(partition),
      [METADATA_KEYS.topicId]: topicId,
      [METADATA_KEYS.firstOffset]: String(from),
      [METADATA_KEYS.lastOffset]: String(next - 1n),
      [METADATA_KEYS.outboxes]: this.#marks.toString((file.hour + 1) * 3_600_000),
      [METADATA_KEYS.repeats]: JSON.stringify(file.repeats.map((run) => run.map(String))),
      [METADATA_KEYS.rejected]: String(file.rejected),
    };
  }
}

function addToRuns(runs: [bigint, bigint][], offset: bigint): void {
  const last = runs.at(-1);
  if (last !== undefined && last[1] === offset - 1n) last[1] = offset;
  else runs.push([offset, offset]);
}
