/**
 * Finds, takes over and creates outboxes below `DATA_DIR/outbox`. A process that writes takes over the first outbox whose writer
 * is dead. So there are few ids, and the numbering continues. It creates a new outbox only if all are in use or damaged.
 */
import { randomBytes } from "node:crypto";
import { mkdir, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { nullIfMissing } from "../../platform/files/nullIfMissing.ts";
import { OsLock } from "../../platform/locks/OsLock.ts";
import { BufferedWriter, type WriterOptions } from "./BufferedWriter.ts";
import { type Continuation, continuationAfter, createContinuing, readContinuation } from "./continuation.ts";
import { damageError, markDamaged, unmarkDamaged } from "./damage.ts";
import { readState, reserveState } from "./drainState.ts";
import {
  type Durability,
  OutboxDamaged,
  type OutboxDrain,
  type OutboxListing,
  type OutboxReader,
  type OutboxWriter,
} from "./Outbox.ts";
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

/**
 * Opens an outbox for writing. Damaged ones are left as they are, and passed to `onDamaged`: a fresh outbox then continues the
 * newest of them.
 */
export async function openWriter(
  dataDir: string,
  options: OutboxOptions,
  onDamaged: (error: OutboxDamaged) => void = () => {},
): Promise<OutboxWriter> {
  let continuation: Continuation | null = null;
  for (const directory of await byContinuation(await outboxDirectories(dataDir))) {
    try {
      const writer = await takeOver(directory, options);
      if (writer !== null) return writer;
    } catch (error) {
      if (!(error instanceof OutboxDamaged)) throw error;
      onDamaged(error);
      const after = await continuationAfter(directory);
      if (continuation === null || after.firstNumber > continuation.firstNumber) continuation = after;
    }
  }
  const directory = join(outboxRoot(dataDir), randomBytes(8).toString("hex"));
  if (continuation === null) await mkdir(directory, { recursive: true, mode: 0o700 });
  else await createContinuing(directory, continuation);
  return (await takeOver(directory, options)) ?? openWriter(dataDir, options, onDamaged);
}

/** Outboxes that continue others first, the newest one first: consumers of the embedded log already have its records. */
async function byContinuation(directories: readonly string[]): Promise<string[]> {
  const numbers = new Map<string, number>();
  for (const directory of directories) {
    const { firstNumber } = await readContinuation(directory).catch(() => ({ firstNumber: 1 }));
    numbers.set(directory, firstNumber);
  }
  return [...directories].sort((a, b) => numbers.get(b)! - numbers.get(a)!);
}

/** Becomes the writer of this outbox. Resolves to null if its writer is alive; rejects with `OutboxDamaged`. */
export async function takeOver(directory: string, options: OutboxOptions): Promise<BufferedWriter | null> {
  const lock = OsLock.tryAcquire(writerLockPath(directory));
  if (lock === null) return null;
  try {
    createDirectories(directory);
    await reserveState(directory);
    syncNames(directory);
    const { log, firstNumber } = await readContinuation(directory);
    const { acknowledged } = await readState(directory);
    const recovered = await recover(directory, acknowledged, firstNumber);
    await unmarkDamaged(directory);
    const id = basename(directory);
    const now = options.now ?? Date.now;
    const store = new SegmentStore({
      id,
      directory,
      now,
      durability: options.durability ?? "power",
      segmentBytes: options.segmentBytes ?? Math.min(16 * MEBIBYTE, Math.ceil(options.limitBytes / 16)),
    });
    const writer = new BufferedWriter(
      { id, logId: log, directory, ...recovered },
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
    const damage = damageIn(directory, error as NodeJS.ErrnoException);
    if (damage !== null) await markDamaged(directory, damage);
    lock.release();
    throw damage ?? error;
  }
}

function damageIn(directory: string, error: NodeJS.ErrnoException): OutboxDamaged | null {
  if (error instanceof OutboxDamaged) return error;
  return error.code === "EIO" ? damageError(directory, "the disk cannot read it (EIO)") : null;
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
  return (await outboxDirectories(dataDir)).map((directory) => ({
    id: basename(directory),
    directory,
    writerAlive: OsLock.isHeld(writerLockPath(directory)),
    drainAlive: OsLock.isHeld(drainLockPath(directory)),
  }));
}

/** The directories of all outboxes in this data directory, by id. */
export async function outboxDirectories(dataDir: string): Promise<string[]> {
  const names = await readdir(outboxRoot(dataDir)).catch(nullIfMissing);
  const ids = (names ?? []).filter((name) => /^[0-9a-f]{16}$/.test(name)).sort();
  return ids.map((id) => join(outboxRoot(dataDir), id));
}
