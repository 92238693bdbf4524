/**
 * Finds, takes over and creates outboxes below `DATA_DIR/outbox`. A process that writes takes over the first outbox whose writer
 * is dead. So there are few ids, and the numbering continues. It creates a new outbox only if all are in use.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { OsLock } from "../../platform/locks/OsLock.ts";
import { BufferedWriter, type WriterOptions } from "./BufferedWriter.ts";
import { reserveState } from "./drainState.ts";
import type { Durability, OutboxDrain, OutboxListing, OutboxReader, OutboxWriter } from "./Outbox.ts";
import { drainLockPath, outboxRoot, writerLockPath } from "./paths.ts";
import { recover } from "./recover.ts";
import { SegmentDrain } from "./SegmentDrain.ts";
import { SegmentReader } from "./SegmentReader.ts";
import { createDirectories, SegmentStore, syncNames } from "./SegmentStore.ts";

interface OutboxOptions extends Partial<WriterOptions> {
  readonly limitBytes: number;
  readonly durability?: Durability;
  /** Size at which a segment file is full. Disk space is freed in these steps. */
  readonly segmentBytes?: number;
}

const MEBIBYTE = 2 ** 20;

/** Opens an outbox for writing. Rejects with `OutboxDamaged`. */
export async function openWriter(dataDir: string, options: OutboxOptions): Promise<OutboxWriter> {
  for (const id of await outboxIds(dataDir)) {
    const writer = await takeOver(join(outboxRoot(dataDir), id), options);
    if (writer !== null) return writer;
  }
  const directory = join(outboxRoot(dataDir), randomBytes(8).toString("hex"));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return (await takeOver(directory, options)) ?? openWriter(dataDir, options);
}

/** Becomes the writer of this outbox. Resolves to null if its writer is alive; rejects with `OutboxDamaged`. */
export async function takeOver(directory: string, options: OutboxOptions): Promise<BufferedWriter | null> {
  const lock = OsLock.tryAcquire(writerLockPath(directory));
  if (lock === null) return null;
  try {
    createDirectories(directory);
    await reserveState(directory);
    syncNames(directory);
    const recovered = await recover(directory);
    const id = directory.slice(-16);
    const now = options.now ?? Date.now;
    const store = new SegmentStore({
      id,
      directory,
      now,
      durability: options.durability ?? "power",
      segmentBytes: options.segmentBytes ?? Math.min(16 * MEBIBYTE, Math.ceil(options.limitBytes / 16)),
    });
    const writer = new BufferedWriter(
      { id, directory, ...recovered },
      store,
      {
        memoryBytesMax: 64 * MEBIBYTE,
        commitIntervalMs: 20,
        measureIntervalMs: 1000,
        monotonicMs: () => performance.now(),
        ...options,
        now,
      },
      () => lock.release(),
    );
    await writer.measure();
    return writer;
  } catch (error) {
    lock.release();
    throw error;
  }
}

export function openReader(directory: string): OutboxReader {
  return new SegmentReader(directory);
}

/** Rejects with `OutboxLocked` if another process drains the outbox, or with `OutboxDamaged`. */
export function openDrain(directory: string): Promise<OutboxDrain> {
  return SegmentDrain.open(directory);
}

/** All outboxes in this data directory. */
export async function listOutboxes(dataDir: string): Promise<OutboxListing[]> {
  return (await outboxIds(dataDir)).map((id) => {
    const directory = join(outboxRoot(dataDir), id);
    return {
      id,
      directory,
      writerAlive: OsLock.isHeld(writerLockPath(directory)),
      drainAlive: OsLock.isHeld(drainLockPath(directory)),
    };
  });
}

async function outboxIds(dataDir: string): Promise<string[]> {
  const names = await readdir(outboxRoot(dataDir)).catch((error) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.filter((name) => /^[0-9a-f]{16}$/.test(name)).sort();
}
