/**
 * Reads the segments of an outbox, from any process, while they are written and deleted. Writes only the file `problem`, which
 * reports damage to the writer.
 */
import { readdirSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { nullIfMissing } from "../../platform/files/nullIfMissing.ts";
import {
  findBlockAfter,
  lastNumberOf,
  positionAfterDamage,
  positionAfterHeader,
  readAt,
  readBlockAt,
  readHeaderAt,
} from "./blockScan.ts";
import { damageError, markDamaged } from "./damage.ts";
import { type OutboxBatch, OutboxDamaged, type OutboxReader, type OutboxRecord } from "./Outbox.ts";
import { definitionPath, segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { BLOCK_HEADER_BYTES, isSegmentHeader, SEGMENT_HEADER_BYTES } from "./segmentFormat.ts";

interface Cursor {
  readonly file: FileHandle;
  readonly segment: number;
  position: number;
  /** `next` of the last batch. */
  next: number;
  /** Whether the file was synced since the last read. */
  isSynced: boolean;
}

export class SegmentReader implements OutboxReader {
  readonly id: string;
  readonly directory: string;
  private cursor: Cursor | null = null;

  constructor(directory: string) {
    this.id = basename(directory);
    this.directory = directory;
  }

  async read(after: number, bytesMax: number): Promise<OutboxBatch> {
    const records: OutboxRecord[] = [];
    try {
      if (this.cursor === null || this.cursor.next !== after) await this.seek(after);
      await this.readBlocks(after, bytesMax, records);
    } catch (error) {
      // The cursor may have moved past records that are not returned: the next call begins at `after` again.
      await this.leave();
      // Intact records before the damage are returned first. The next call then finds the damage.
      if (!(error instanceof OutboxDamaged) || records.length === 0) throw error;
    }
    const next = records.at(-1)?.number ?? after;
    if (this.cursor !== null) this.cursor.next = next;
    return { records, next };
  }

  private async readBlocks(after: number, bytesMax: number, records: OutboxRecord[]): Promise<void> {
    let bytes = 0;
    while (this.cursor !== null && bytes < bytesMax) {
      const { file, position } = this.cursor;
      const block = await readBlockAt(file, position);
      if (block.is === "block") {
        this.cursor.position += BLOCK_HEADER_BYTES + block.header.payloadBytes;
        for (const record of block.records) if (record.number > after) records.push(record);
        bytes += block.header.payloadBytes;
        this.cursor.isSynced = false;
      } else if (!(await this.passEndOfBlocks(records.at(-1)?.number ?? after))) {
        break;
      }
    }
    if (this.cursor !== null) await this.onRecordsRead(this.cursor);
  }

  async definition(name: string): Promise<Uint8Array | null> {
    return readFile(definitionPath(this.directory, name)).catch(nullIfMissing);
  }

  async close(): Promise<void> {
    await this.leave();
  }

  /** Closes this segment if it is open: a deleted file keeps its disk space while it is open. */
  protected async leaveSegment(segment: number): Promise<void> {
    if (this.cursor?.segment === segment) await this.leave();
  }

  /** Called before records read from the cursor's file are returned, and before the file is closed. */
  protected async onRecordsRead(_cursor: Pick<Cursor, "file" | "isSynced">): Promise<void> {}

  private async leave(): Promise<void> {
    await this.cursor?.file.close();
    this.cursor = null;
  }

  private segments(): number[] {
    return segmentNumbers(readdirSync(segmentsPath(this.directory)));
  }

  /** Moves to the first block that may contain a record above `after`. */
  private async seek(after: number): Promise<void> {
    await this.leave();
    const segments = this.segments();
    const first = segments.findLast((number) => number <= after + 1) ?? segments[0];
    if (first === undefined || !(await this.enter(first, after))) return;
    const cursor = this.cursor!;
    cursor.next = after;
    for (;;) {
      const at = await readHeaderAt(cursor.file, cursor.position);
      if (at.is !== "block" || lastNumberOf(at.header) > after) return;
      cursor.position += BLOCK_HEADER_BYTES + at.header.payloadBytes;
    }
  }

  /**
   * Opens a segment, to read the records above `after`. Returns false if it was deleted meanwhile, or if its header is incomplete:
   * being written, or cut off by a crash.
   */
  private async enter(segment: number, after: number): Promise<boolean> {
    const path = join(segmentsPath(this.directory), segmentName(segment));
    const file = await open(path, "r").catch(nullIfMissing);
    if (file === null) return false;
    let position: number | null = SEGMENT_HEADER_BYTES;
    const hasHeader = async () => isSegmentHeader(await readAt(file, 0, SEGMENT_HEADER_BYTES), this.id, segment);
    if (!(await hasHeader())) {
      position = await positionAfterHeader(file, segment, after);
      const newest = this.segments().at(-1) === segment;
      if (position === null) {
        const isTorn = newest && (await findBlockAfter(file, 0)) === null;
        // Read again: the writer may have completed the header, and written blocks, since it was read.
        if (isTorn || !(await hasHeader())) {
          await file.close();
          return isTorn ? false : this.reportDamage(segment, 0);
        }
        position = SEGMENT_HEADER_BYTES;
      }
    }
    if (this.cursor !== null) await this.onRecordsRead(this.cursor);
    await this.cursor?.file.close();
    this.cursor = { file, segment, position, next: -1, isSynced: true };
    return true;
  }

  /**
   * Called if there is no complete block at the cursor: passes damage that affects only records up to `after`, and moves to the
   * next segment if this one is finished. Returns false if there is nothing more to read yet: at the end, or at a block that is
   * being written or that a crash left incomplete.
   */
  private async passEndOfBlocks(after: number): Promise<boolean> {
    const { file, segment, position } = this.cursor!;
    const next = this.segments().find((number) => number > segment);
    // Read again after listing: the segment may have grown before the next one was created.
    const block = await readBlockAt(file, position);
    if (block.is === "block") return true;
    if (block.is === "broken") {
      const passed = await positionAfterDamage(file, position, after);
      if (passed !== null) {
        this.cursor!.position = passed;
        return true;
      }
      const isAcknowledged = next !== undefined && next <= after + 1;
      const isTorn = next === undefined && (await findBlockAfter(file, position)) === null;
      if (!isAcknowledged && !isTorn) {
        // Read again: the writer may have completed this block, and written further ones, since it was read.
        if ((await readBlockAt(file, position)).is === "block") return true;
        return this.reportDamage(segment, position);
      }
    }
    return next !== undefined && this.enter(next, after);
  }

  private async reportDamage(segment: number, position: number): Promise<never> {
    const error = damageError(this.directory, `${segmentName(segment)} is damaged at byte ${position}`);
    await markDamaged(this.directory, error);
    throw error;
  }
}
