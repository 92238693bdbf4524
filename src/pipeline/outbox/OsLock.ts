/**
 * Owns an exclusive lock between processes that the operating system frees when its holder dies, however it dies.
 * SQLite's exclusive transaction on an empty database holds it: SQLite knows the lock calls of every platform, and it is part of
 * Node. The lock file must never be opened by anything else, and is never deleted.
 */
import { DatabaseSync } from "node:sqlite";
import { OutboxLocked } from "./Outbox.ts";

const SQLITE_BUSY = 5;

export class OsLock {
  private readonly database: DatabaseSync;

  private constructor(database: DatabaseSync) {
    this.database = database;
  }

  /** Takes the lock or throws `OutboxLocked`, after a wait that outlasts somebody else's `isHeld`. */
  static take(path: string, waitMs = 50): OsLock {
    const database = new DatabaseSync(path, { timeout: waitMs });
    try {
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      if ((error as { errcode?: number }).errcode === SQLITE_BUSY) throw new OutboxLocked(`${path} is held by another`);
      throw error;
    }
    return new OsLock(database);
  }

  static isHeld(path: string): boolean {
    try {
      OsLock.take(path, 0).free();
      return false;
    } catch (error) {
      if (error instanceof OutboxLocked) return true;
      throw error;
    }
  }

  free(): void {
    this.database.close();
  }
}
