/**
 * Creates folders of the cache. A folder is built under a temporary name and then renamed, so an interrupted build is never used,
 * and two builds at a time do no harm.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../folders.ts";

/** Returns the path of the folder `name` in the cache. Calls `build` to fill it if it does not exist. */
export async function ensureCached(name: string, build: (folder: string) => Promise<void>): Promise<string> {
  const folder = path.join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  const draft = `${folder}.draft-${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  try {
    await build(draft);
    if (!existsSync(folder)) renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return folder;
}

/** The log file for the output of an installation step. */
export function cacheLog(name: string): string {
  return path.join(cacheFolder(), "logs", `${name}.log`);
}
