/**
 * Owns the lock on a directory that one process at a time may use: SQLite's own lock on an otherwise empty file, which the
 * operating system frees when the process dies, however it dies.
 */
import path from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Waits that long for a process that is just ending. */
const WAIT_MS = 5_000;

/** Returns false where another process keeps the lock. The lock is held until the process ends. */
export function lockDirectory(directory: string): boolean {
  const file = new DatabaseSync(path.join(directory, "lock"), { timeout: WAIT_MS });
  try {
    file.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    file.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
  held.push(file);
  return true;
}

const SQLITE_BUSY = 5;
/** Kept from the garbage collector, which would close them. */
const held: DatabaseSync[] = [];
