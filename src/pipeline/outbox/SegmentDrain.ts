/**
 * Owns acknowledgement: the drain's lock, the state files, and the unlinking of segments whose records are all
 * acknowledged. The newest segment always stays, so that numbers go on after a restart. Never blocks the writer.
 */
import { type FileHandle, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { OsLock } from "../../platform/locks/OsLock.ts";
import { type OutboxBatch, type OutboxDrain, OutboxLocked, type StateChanges } from "./Outbox.ts";
import { drainLockPath, segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { SegmentReader } from "./SegmentReader.ts";
import { type DrainState, openStateFiles, readState, writeState } from "./stateFile.ts";

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

  /** Throws `OutboxLocked`, `OutboxDamaged`. */
  static async open(directory: string): Promise<SegmentDrain> {
    const path = drainLockPath(directory);
    const lock = OsLock.tryTake(path);
    if (lock === null) throw new OutboxLocked(`${path} is held by another`);
    try {
      const state = await readState(directory);
      return new SegmentDrain(directory, lock, await openStateFiles(directory), state);
    } catch (error) {
      lock.free();
      throw error;
    }
  }

  get acknowledged(): number {
    return this.current.acknowledged;
  }

  get state(): ReadonlyMap<string, Uint8Array> {
    return this.current.entries;
  }

  /** At the end of what is stored, also gives back a segment that was finished after its last acknowledgement. */
  override read(after: number, bytesMax: number): Promise<OutboxBatch> {
    return this.inTurn(async () => {
      const batch = await super.read(after, bytesMax);
      if (batch.records.length === 0) await this.unlinkFinished();
      return batch;
    });
  }

  acknowledge(upTo: number, changes: StateChanges = []): Promise<void> {
    return this.inTurn(() => this.replaceState(upTo, changes));
  }

  override async close(): Promise<void> {
    await this.work;
    await super.close();
    for (const file of this.stateFiles) await file.close();
    this.lock.free();
  }

  /**
   * What a drain hands out leaves this machine. Were it not on the disk, a power loss could make the match that others know
   * longer than the one that is known here, and ended here.
   */
  protected override async finish(cursor: { readonly file: FileHandle; isSynced: boolean }): Promise<void> {
    if (cursor.isSynced) return;
    await cursor.file.datasync();
    cursor.isSynced = true;
  }

  /** Reading and acknowledging may be called at once; they take turns, since unlinking closes what is read. */
  private inTurn<T>(action: () => Promise<T>): Promise<T> {
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
