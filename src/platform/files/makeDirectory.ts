import { mkdirSync, statSync } from "node:fs";
import path from "node:path";

/**
 * Creates `directory` and those above it that are missing. Throws the error of the file system. `mkdirSync` with `recursive` never
 * returns if a file system does not allow new directories, as `/proc`, which then reports that the directory above is missing.
 */
export function makeDirectory(directory: string): void {
  const whole = path.resolve(directory);
  if (statSync(whole, { throwIfNoEntry: false })?.isDirectory()) return;
  const above = path.dirname(whole);
  if (above !== whole) makeDirectory(above);
  try {
    mkdirSync(whole);
  } catch (error) {
    // Another process created it at the same time.
    if (!statSync(whole, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}
