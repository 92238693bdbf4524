/**
 * An exclusive lock between processes, which the operating system releases when the holder dies. Holding the lock means having an
 * open exclusive SQLite transaction on an empty database: SQLite supports the lock calls of every platform, and it is part of
 * Node. Nothing else may open the lock file, and nothing may delete it.
 */
import { DatabaseSync } from "./sqlite.ts";

const SQLITE_BUSY = 5;
/** Long enough to outlast the `isHeld` of another process, which acquires the lock for a moment. */
const WAIT_MS = 50;

export class OsLock {
  /** The lock is held while this is open. The reference keeps the garbage collector from closing it. */
  private readonly database: InstanceType<typeof DatabaseSync>;

  private constructor(database: InstanceType<typeof DatabaseSync>) {
    this.database = database;
  }

  /**
   * Blocks the thread for up to `waitMs`. Returns null if another process, or another `OsLock` of this process, still holds the
   * lock then.
   */
  static tryAcquire(path: string, waitMs = WAIT_MS): OsLock | null {
    const database = new DatabaseSync(path, { timeout: waitMs });
    try {
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return null;
      throw error;
    }
    return new OsLock(database);
  }

  static isHeld(path: string): boolean {
    const lock = OsLock.tryAcquire(path, 0);
    lock?.release();
    return lock === null;
  }

  release(): void {
    this.database.close();
  }
}
