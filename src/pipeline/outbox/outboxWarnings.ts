/** What an operator should know about the outboxes of a data directory although the program works. */
import { syncDirectory } from "../../platform/files/syncDirectory.ts";
import { readDamage } from "./damage.ts";
import { outboxDirectories } from "./openOutbox.ts";
import { outboxRoot } from "./paths.ts";

const NO_DIRECTORY_SYNC =
  "DATA_DIR: its file system does not support fsync of directories: a power loss may remove new files of the outbox and the lake";

/**
 * Whether directories can be synced, by data directory. It does not change while the process runs, and each sync takes time of the
 * disk to which the outbox commits, so it is tested once.
 */
const canSync = new Map<string, boolean>();

async function canSyncDirectories(dataDir: string): Promise<boolean> {
  const known = canSync.get(dataDir);
  if (known !== undefined) return known;
  const found = await syncDirectory(outboxRoot(dataDir));
  canSync.set(dataDir, found);
  return found;
}

/** One line for each standing warning, without a path; empty if there is none. */
export async function outboxWarnings(dataDir: string): Promise<string[]> {
  const directories = await outboxDirectories(dataDir);
  const damages = await Promise.all(directories.map(readDamage));
  const lines = damages.filter((line) => line !== null);
  if (directories.length > 0 && !(await canSyncDirectories(dataDir))) lines.unshift(NO_DIRECTORY_SYNC);
  return lines;
}
