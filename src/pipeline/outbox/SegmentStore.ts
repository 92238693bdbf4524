/**
 * Owns the segment files on the writer's side: appends frames, begins a new file when one is full or failed.
 * Never reads what it wrote, never unlinks.
 */
import {
  close,
  closeSync,
  constants,
  fsync,
  fsyncSync,
  ftruncate,
  mkdirSync,
  open,
  openSync,
  renameSync,
  write,
  writeFileSync,
} from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { ChunkStore, StoreMeasures } from "./ChunkStore.ts";
import type { Durability } from "./Outbox.ts";
import { definitionPath, definitionsPath, problemPath, segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from "./segmentFormat.ts";
import { readAcknowledged } from "./stateFile.ts";

const openFile = promisify(open);
const closeFile = promisify(close);
const syncFile = promisify(fsync);
const truncateFile = promisify(ftruncate);

interface SegmentStoreOptions {
  readonly id: string;
  readonly directory: string;
  readonly durability: Durability;
  readonly segmentBytes: number;
  readonly now: () => number;
}

export class SegmentStore implements ChunkStore {
  private readonly options: SegmentStoreOptions;
  private readonly flags: number;
  private file: number | null = null;
  private position = 0;

  constructor(options: SegmentStoreOptions) {
    this.options = options;
    // With O_DSYNC one call both writes and syncs: half the work on the event loop of a write and an fdatasync.
    this.flags =
      constants.O_WRONLY |
      constants.O_CREAT |
      constants.O_TRUNC |
      (options.durability === "power" ? constants.O_DSYNC : 0);
  }

  async write(frame: Buffer, firstNumber: number): Promise<void> {
    const full = this.position > SEGMENT_HEADER_BYTES && this.position + frame.length > this.options.segmentBytes;
    if (this.file === null || full) await this.begin(firstNumber);
    try {
      await writeAll(this.file!, frame, this.position);
    } catch (error) {
      await this.leave();
      throw error;
    }
    this.position += frame.length;
  }

  async measure(): Promise<StoreMeasures> {
    const { directory } = this.options;
    let storedBytes = 0;
    for (const number of segmentNumbers(await readdir(segmentsPath(directory)))) {
      const path = join(segmentsPath(directory), segmentName(number));
      // Zero where the drain unlinked it since the listing.
      storedBytes += await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
    }
    const problem = await readFile(problemPath(directory), "utf8").then(
      (text) => text.trim(),
      () => null,
    );
    return { storedBytes, acknowledged: await readAcknowledged(directory), problem };
  }

  define(name: string, bytes: Uint8Array): void {
    const path = definitionPath(this.options.directory, name);
    writeFileSync(`${path}.new`, bytes, { flush: true });
    renameSync(`${path}.new`, path);
    syncDirectory(definitionsPath(this.options.directory));
  }

  async close(): Promise<void> {
    if (this.file !== null) await closeFile(this.file);
    this.file = null;
  }

  /**
   * After a failure: cuts off what was written of the frame and leaves the segment, so that the next attempt begins
   * another and this one can be unlinked, which on a full disk is the only way to room.
   */
  private async leave(): Promise<void> {
    try {
      await truncateFile(this.file!, this.position);
    } catch {
      return; // Then the next attempt writes over it.
    }
    await this.close();
  }

  private async begin(firstNumber: number): Promise<void> {
    const { id, directory, now, durability } = this.options;
    const file = await openFile(join(segmentsPath(directory), segmentName(firstNumber)), this.flags, 0o600);
    try {
      await writeAll(file, encodeSegmentHeader(id, firstNumber, now()), 0);
      if (durability === "power") await syncEntry(segmentsPath(directory));
    } catch (error) {
      await closeFile(file);
      throw error;
    }
    await this.close();
    this.file = file;
    this.position = SEGMENT_HEADER_BYTES;
  }
}

/** A short write is what a full disk answers first; the next one says why. */
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

async function syncEntry(directory: string): Promise<void> {
  const handle = await openFile(directory, "r");
  try {
    await syncFile(handle);
  } finally {
    await closeFile(handle);
  }
}

function syncDirectory(directory: string): void {
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes the folders of an outbox where they are missing. */
export function makeDirectories(directory: string): void {
  for (const path of [segmentsPath(directory), definitionsPath(directory)])
    mkdirSync(path, { recursive: true, mode: 0o700 });
}

/** Makes the names in `directory` survive a power loss, and its own in `DATA_DIR/outbox`, and that one's. */
export function syncNames(directory: string): void {
  for (const each of [directory, dirname(directory), dirname(dirname(directory))]) syncDirectory(each);
}
