/**
 * Gives a complete file its name, and never replaces a file. A hard link does this in one step. On file systems without hard links
 * (exFAT, many network shares and shared folders), the file is renamed, and a lock keeps other processes from using the same name
 * between the check and the rename. The operating system releases the lock of a process that dies, and a rename is atomic. So a
 * crash leaves either no file or a complete one.
 */
import { link, rename, stat } from "node:fs/promises";
import { Backoff } from "../async/Backoff.ts";
import { nullIfMissing } from "../files/nullIfMissing.ts";
import { OsLock } from "../locks/OsLock.ts";

/**
 * Error codes of file systems without hard links. If only the folder may not be written to, the rename fails too, with an error
 * that is reported.
 */
const WITHOUT_LINKS = new Set(["EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);
const LOCK_FIRST_MS = 2;
const LOCK_LAST_MS = 50;

export class ExclusiveNaming {
  readonly #lockFile: string;
  #hasLinks = true;

  /** @param lockFile a path in an existing folder. The file is created if the file system has no hard links, and never deleted. */
  constructor(lockFile: string) {
    this.#lockFile = lockFile;
  }

  /** Resolves to false if `file` exists. Afterwards, `draft` may still exist. Both are on the same file system. */
  async tryName(draft: string, file: string): Promise<boolean> {
    if (this.#hasLinks) {
      try {
        await link(draft, file);
        return true;
      } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        if (code === "EEXIST") return false;
        if (!WITHOUT_LINKS.has(code)) throw error;
      }
    }
    const isNew = await this.#renameIfNew(draft, file);
    // Only now, because the error may have concerned one folder only. Then the rename would have failed too.
    this.#hasLinks = false;
    return isNew;
  }

  async #renameIfNew(draft: string, file: string): Promise<boolean> {
    const lock = await this.#lock();
    try {
      if ((await stat(file).catch(nullIfMissing)) !== null) return false;
      await rename(draft, file);
      return true;
    } finally {
      lock.release();
    }
  }

  async #lock(): Promise<OsLock> {
    const backoff = new Backoff(LOCK_FIRST_MS, LOCK_LAST_MS);
    const never = new AbortController().signal;
    for (;;) {
      const lock = OsLock.tryAcquire(this.#lockFile, 0);
      if (lock !== null) return lock;
      await backoff.wait(never);
    }
  }
}
