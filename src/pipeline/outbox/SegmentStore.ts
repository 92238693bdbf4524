/**
 * Writes the segment files of an outbox: appends blocks, and begins a new file when one is full or has failed. Never reads what
 * it wrote, and never deletes a segment.
 */
import { close, constants, ftruncate, mkdirSync, open, renameSync, write, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { syncDirectory, syncDirectoryNow } from "../../platform/files/syncDirectory.ts";
import type { BlockStore, StoreMeasurements } from "./BlockStore.ts";
import { readDamage } from "./damage.ts";
import { readAcknowledged } from "./drainState.ts";
import type { Durability } from "./Outbox.ts";
import { definitionPath, definitionsPath, segmentName, segmentsPath } from "./paths.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from "./segmentFormat.ts";
import { storedBytesOf } from "./storedBytes.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const truncateFile = promisify(ftruncate);

interface SegmentStoreOptions {
  readonly id: string;
  readonly directory: string;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly now: () => number;
}

export class SegmentStore implements BlockStore {
  private readonly options: SegmentStoreOptions;
  private readonly flags: number;
  private file: number | null = null;
  private position = 0;

  constructor(options: SegmentStoreOptions) {
    this.options = options;
    // O_DSYNC writes and syncs in one call. This is half the work on the event loop of a write and an fdatasync.
    this.flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_TRUNC |
      (options.durability === "power" ? constants.O_DSYNC : 0);
  }

  async write(block: Buffer, firstNumber: number): Promise<void> {
    const isFull = this.position > SEGMENT_HEADER_BYTES && this.position + block.length > this.options.segmentBytes;
    if (this.file === null || isFull) await this.beginSegment(firstNumber);
    try {
      await writeAll(this.file!, block, this.position);
    } catch (error) {
      await this.abandonSegment();
      throw error;
    }
    this.position += block.length;
  }

  async measure(): Promise<StoreMeasurements> {
    const { directory } = this.options;
    const storedBytes = await storedBytesOf(directory);
    const [acknowledged, problem] = [await readAcknowledged(directory), await readDamage(directory)];
    return { storedBytes, acknowledged, problem };
  }

  define(name: string, bytes: Uint8Array): void {
    const path = definitionPath(this.options.directory, name);
    writeFileSync(`${path}.new`, bytes, { flush: true });
    renameSync(`${path}.new`, path);
    syncDirectoryNow(definitionsPath(this.options.directory));
  }

  async close(): Promise<void> {
    if (this.file !== null) await closeFile(this.file);
    this.file = null;
  }

  /**
   * After a failure: cuts off what was written of the block and closes the segment. The next attempt begins a new segment, so
   * that the drain can delete this one. On a full disk, deleting segments is the only way to free space.
   */
  private async abandonSegment(): Promise<void> {
    try {
      await truncateFile(this.file!, this.position);
    } catch {
      return; // The next attempt overwrites it.
    }
    await this.close();
  }

  private async beginSegment(firstNumber: number): Promise<void> {
    const { id, directory, now, durability } = this.options;
    const file = await openFile(join(segmentsPath(directory), segmentName(firstNumber)), this.flags, 0o600);
    try {
      await writeAll(file, encodeSegmentHeader(id, firstNumber, now()), 0);
      if (durability === "power") await syncDirectory(segmentsPath(directory));
    } catch (error) {
      await closeFile(file);
      throw error;
    }
    await this.close();
    this.file = file;
    this.position = SEGMENT_HEADER_BYTES;
  }
}

/** On a full disk the first write is short and only the next one reports an error, so it repeats until all bytes are written. */
function writeAll(file: number, bytes: Buffer, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (from: number) => {
      write(file, bytes, from, bytes.length - from, position + from, (error, written) => {
        if (error !== null) reject(error);
        else if (from + written === bytes.length) resolve();
        else next(from + written);
      });
    };
    next(0);
  });
}

/** Creates the missing directories of an outbox. */
export function createDirectories(directory: string): void {
  for (const path of [segmentsPath(directory), definitionsPath(directory)])
    mkdirSync(path, { recursive: true, mode: 0o700 });
}

/**
 * Syncs the file names in `directory` and its two parents, so that they survive a power loss. Returns false if the file system
 * does not support it.
 */
export function syncNames(directory: string): boolean {
  const synced = [directory, dirname(directory), dirname(dirname(directory))].map(syncDirectoryNow);
  return !synced.includes(false);
}
