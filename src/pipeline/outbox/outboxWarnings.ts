/** What an operator should know about the outboxes of a data directory although the program works. */
import { syncDirectory } from "../../platform/files/syncDirectory.ts";
import { readDamage } from "./damage.ts";
import { outboxDirectories } from "./openOutbox.ts";
import { outboxRoot } from "./paths.ts";

const NO_DIRECTORY_SYNC =
  "DATA_DIR: its file system does not support fsync of directories: a power loss may remove new files of the outbox and the lake";

/** One line for each standing warning, without a path; empty if there is none. */
export async function outboxWarnings(dataDir: string): Promise<string[]> {
  const directories = await outboxDirectories(dataDir);
  const damages = await Promise.all(directories.map(readDamage));
  const lines = damages.filter((line) => line !== null);
  if (directories.length > 0 && !(await syncDirectory(outboxRoot(dataDir)))) lines.unshift(NO_DIRECTORY_SYNC);
  return lines;
}
