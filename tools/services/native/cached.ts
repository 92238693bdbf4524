/**
 * Makes a folder of the cache once: built beside its place and moved there whole, so that a build that broke off is never
 * taken for a finished one and two at a time do no harm.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { cacheFolder } from "../folders.ts";

/** @returns the path of the folder `name` of the cache, after `build` has filled it if it was not there yet. */
export async function cached(name: string, build: (folder: string) => Promise<void>): Promise<string> {
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

/** Where the output of a step of the preparation goes. */
export function cacheLog(name: string): string {
  return path.join(cacheFolder(), "logs", `${name}.log`);
}
