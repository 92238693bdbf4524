import { readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { FaultCase } from "../../game/FaultCase.ts";
import { makeDirectory } from "../../platform/files/makeDirectory.ts";

/** A game that hangs again and again must not fill the disk. */
const KEPT = 100;

/** Writes the case into `folder`, and deletes the oldest if there are too many. Returns its path, or why there is none. Never throws. */
export function keepCase(folder: string, fault: FaultCase): string {
  try {
    makeDirectory(folder);
    // Ids of matches begin with their time.
    const others = readdirSync(folder).sort();
    for (const name of others.slice(0, Math.max(0, others.length - KEPT + 1))) rmSync(path.join(folder, name));
    const file = path.join(folder, `${fault.matchId}.json`);
    writeFileSync(file, `${JSON.stringify(fault)}\n`);
    return file;
  } catch (error) {
    return `no test case (${(error as Error).message})`;
  }
}
