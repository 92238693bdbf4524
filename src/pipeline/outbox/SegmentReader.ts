/**
 * Reads the segments of an outbox, from any process, while they are written and deleted. Writes only the file `problem`, which
 * reports damage to the writer.
 */
import { type FileHandle, open, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { hasBlockAfter, readAt, readBlockAt, readHeaderAt } from "./blockScan.ts";
import { type OutboxBatch, OutboxDamaged, type OutboxReader, type OutboxRecord } from "./Outbox.ts";
import { definitionPath, problemPath, segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
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
    if (this.cursor === null || this.cursor.next !== after) await this.seek(after);
    let bytes = 0;
    while (this.cursor !== null && bytes < bytesMax) {
      const { file, position } = this.cursor;
      const block = await readBlockAt(file, position);
      if (block.is === "block") {
        this.cursor.position += BLOCK_HEADER_BYTES + block.header.payloadBytes;
        for (const record of block.records) if (record.number > after) records.push(record);
        bytes += block.header.payloadBytes;
        this.cursor.isSynced = false;
      } else if (!(await this.enterNextSegment())) {
        break;
      }
    }
    if (this.cursor !== null) await this.onRecordsRead(this.cursor);
    const next = records.at(-1)?.number ?? after;
    if (this.cursor !== null) this.cursor.next = next;
    return { records, next };
  }

  async definition(name: string): Promise<Uint8Array | null> {
    return readFile(definitionPath(this.directory, name)).catch((error) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
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

  private async segments(): Promise<number[]> {
    return segmentNumbers(await readdir(segmentsPath(this.directory)));
  }

  /** Moves to the first block that may contain a record above `after`. */
  private async seek(after: number): Promise<void> {
    await this.leave();
    const segments = await this.segments();
    const first = segments.findLast((number) => number <= after + 1) ?? segments[0];
    if (first === undefined || !(await this.enter(first))) return;
    const cursor = this.cursor!;
    cursor.next = after;
    for (;;) {
      const at = await readHeaderAt(cursor.file, cursor.position);
      if (at.is !== "block" || at.header.firstNumber + at.header.records > after + 1) return;
      cursor.position += BLOCK_HEADER_BYTES + at.header.payloadBytes;
    }
  }

  /**
   * Opens a segment. Returns false if it was deleted meanwhile, or if its header is incomplete: being written, or cut off by a
   * crash.
   */
  private async enter(segment: number): Promise<boolean> {
    const path = join(segmentsPath(this.directory), segmentName(segment));
    const file = await open(path, "r").catch((error) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (file === null) return false;
    const header = await readAt(file, 0, SEGMENT_HEADER_BYTES);
    if (!isSegmentHeader(header, this.id, segment)) {
      const newest = (await this.segments()).at(-1) === segment;
      const torn = newest && !(await hasBlockAfter(file, 0));
      await file.close();
      return torn ? false : this.reportDamage(path, 0);
    }
    if (this.cursor !== null) await this.onRecordsRead(this.cursor);
    await this.cursor?.file.close();
    this.cursor = { file, segment, position: SEGMENT_HEADER_BYTES, next: -1, isSynced: true };
    return true;
  }

  /**
   * Called if there is no complete block at the cursor: moves to the next segment if this one is finished. Returns false if
   * there is nothing more to read yet: at the end, or at a block that is being written or that a crash left incomplete.
   */
  private async enterNextSegment(): Promise<boolean> {
    const { file, segment, position } = this.cursor!;
    const next = (await this.segments()).find((number) => number > segment);
    // Read again after listing: the segment may have grown before the next one was created.
    const block = await readBlockAt(file, position);
    if (block.is === "block") return true;
    if (block.is === "broken" && (next !== undefined || (await hasBlockAfter(file, position)))) {
      return this.reportDamage(join(segmentsPath(this.directory), segmentName(segment)), position);
    }
    return next !== undefined && this.enter(next);
  }

  private async reportDamage(path: string, position: number): Promise<never> {
    const line = `${path} is damaged at byte ${position}: stop the process, copy the outbox's directory, then move it away`;
    // Writing fails on a full disk. The error below has the same text.
    await writeFile(problemPath(this.directory), `${line}\n`).catch(() => {});
    throw new OutboxDamaged(line);
  }
}
