/**
 * An exclusive lock between processes that the operating system frees when its holder dies, however it dies. SQLite's exclusive
 * transaction on an empty database holds it: SQLite knows the lock calls of every platform, and it is part of Node. The lock
 * file must never be opened by anything else, and is never deleted.
 */
import { DatabaseSync } from "node:sqlite";

const SQLITE_BUSY = 5;
/** Outlasts another process's `isHeld`. */
const WAIT_MS = 50;

export class OsLock {
  /** Keeps the lock as long as it is open; the garbage collector would close it. */
  private readonly database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** Null where another process, or another `OsLock` of this one, still holds the lock after `waitMs`. Blocks the thread meanwhile. */
  static tryTake(path: string, waitMs = WAIT_MS): OsLock | null {
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
    const lock = OsLock.tryTake(path, 0);
    lock?.free();
    return lock === null;
  }

  free(): void {
    this.database.close();
  }
}
