/**
 * Acknowledges records of an outbox: holds the drain's lock, writes the state files, and deletes completely acknowledged
 * segments. The newest segment always stays, so that numbers continue after a restart. Never blocks the writer.
 */
import { type FileHandle, readdir, unlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { OsLock } from "../../platform/locks/OsLock.ts";
import { markDamaged } from "./damage.ts";
import { type DrainState, openStateFiles, readState, writeState } from "./drainState.ts";
import { type OutboxBatch, OutboxDamaged, type OutboxDrain, OutboxLocked, type StateChanges } from "./Outbox.ts";
import { drainLockPath, segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { SegmentReader } from "./SegmentReader.ts";

export class SegmentDrain extends SegmentReader implements OutboxDrain {
  private readonly lock: OsLock;
  private readonly stateFiles: readonly FileHandle[];
  private current: DrainState;
  private work: Promise<unknown> = Promise.resolve();

  private constructor(directory: string, lock: OsLock, stateFiles: readonly FileHandle[], current: DrainState) {
    super(directory);
    this.lock = lock;
    this.stateFiles = stateFiles;
    this.current = current;
  }

  /** Rejects with `OutboxLocked` or `OutboxDamaged`. */
  static async open(directory: string): Promise<SegmentDrain> {
    const path = drainLockPath(directory);
    const lock = OsLock.tryAcquire(path);
    if (lock === null) throw new OutboxLocked(`outbox ${basename(directory)} is locked: another process drains it`);
    try {
      const state = await readState(directory);
      return new SegmentDrain(directory, lock, await openStateFiles(directory), state);
    } catch (error) {
      if (error instanceof OutboxDamaged) await markDamaged(directory, error);
      lock.release();
      throw error;
    }
  }

  get acknowledged(): number {
    return this.current.acknowledged;
  }

  get state(): ReadonlyMap<string, Uint8Array> {
    return this.current.entries;
  }

  /**
   * If there are no further records, also deletes completely acknowledged segments. `acknowledge` keeps the newest segment, and
   * nothing is acknowledged when a newer one is created.
   */
  override read(after: number, bytesMax: number): Promise<OutboxBatch> {
    return this.runInTurn(async () => {
      const batch = await super.read(after, bytesMax);
      if (batch.records.length === 0) await this.unlinkFinished();
      return batch;
    });
  }

  acknowledge(upTo: number, changes: StateChanges = []): Promise<void> {
    return this.runInTurn(() => this.replaceState(upTo, changes));
  }

  override async close(): Promise<void> {
    await this.work;
    await super.close();
    for (const file of this.stateFiles) await file.close();
    this.lock.release();
  }

  /**
   * Syncs the segment before its records are returned, because they leave this machine. If they were not on the disk, other
   * machines could have more ticks of a match than this outbox after a power loss.
   */
  protected override async onRecordsRead(cursor: { readonly file: FileHandle; isSynced: boolean }): Promise<void> {
    if (cursor.isSynced) return;
    await cursor.file.datasync();
    cursor.isSynced = true;
  }

  /**
   * `read` and `acknowledge` may be called concurrently. They run one after the other, because deleting a segment closes the file
   * that `read` uses.
   */
  private runInTurn<T>(action: () => Promise<T>): Promise<T> {
    const done = this.work.then(action);
    this.work = done.catch(() => {});
    return done;
  }

  private async replaceState(upTo: number, changes: StateChanges): Promise<void> {
    const entries = new Map(this.current.entries);
    for (const [key, value] of changes) {
      if (value === null) entries.delete(key);
      else entries.set(key, value);
    }
    const state = {
      generation: this.current.generation + 1,
      acknowledged: Math.max(upTo, this.acknowledged),
      entries,
    };
    await writeState(this.stateFiles, state);
    this.current = state;
    await this.unlinkFinished();
  }

  private async unlinkFinished(): Promise<void> {
    const segments = segmentNumbers(await readdir(segmentsPath(this.directory)));
    for (let index = 0; index + 1 < segments.length && segments[index + 1] <= this.acknowledged + 1; index++) {
      await unlink(join(segmentsPath(this.directory), segmentName(segments[index])));
      await this.leaveSegment(segments[index]);
    }
  }
}
