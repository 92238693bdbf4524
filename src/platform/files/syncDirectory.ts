/**
 * Syncs a directory, so that the names of new files in it survive a power loss. Some file systems (network shares, shared folders
 * of virtual machines, FUSE) do not support this. Files can be used there, but a power loss may remove new ones.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import { open } from "node:fs/promises";

/** How such file systems refuse. Any other error, such as EIO, means that the disk failed. */
const UNSUPPORTED = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EBADF", "EISDIR", "EPERM"]);

/** Resolves to false if the file system does not support it. */
export async function syncDirectory(directory: string): Promise<boolean> {
  try {
    const handle = await open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    return falseIfUnsupported(error);
  }
}

/** Does the same without a promise. Returns false if the file system does not support it. */
export function syncDirectoryNow(directory: string): boolean {
  try {
    const handle = openSync(directory, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    return true;
  } catch (error) {
    return falseIfUnsupported(error);
  }
}

function falseIfUnsupported(error: unknown): false {
  if (UNSUPPORTED.has((error as NodeJS.ErrnoException).code ?? "")) return false;
  throw error;
}
