/**
 * The files of an outbox on disk:
 *
 *     DATA_DIR/outbox/ID/
 *       writer.lock   drain.lock       see `src/platform/locks/OsLock.ts`
 *       segments/FIRSTNUMBER.seg       records, see `segmentFormat.ts`; the number has 16 digits
 *       definitions/NAME               small definitions, kept as long as the outbox
 *       state-0   state-1              acknowledged number and key-value area, see `drainState.ts`
 *       continues                      which log a fresh outbox continues, see `continuation.ts`
 *       problem                        one line about damage that was found; while it exists, no new match starts
 *       damaged/                       the files that `npm run outbox -- salvage` has replaced
 */
import { join } from "node:path";

export const outboxRoot = (dataDir: string) => join(dataDir, "outbox");
export const writerLockPath = (directory: string) => join(directory, "writer.lock");
export const drainLockPath = (directory: string) => join(directory, "drain.lock");
export const segmentsPath = (directory: string) => join(directory, "segments");
export const definitionsPath = (directory: string) => join(directory, "definitions");
export const statePaths = (directory: string) => [join(directory, "state-0"), join(directory, "state-1")];
export const continuationPath = (directory: string) => join(directory, "continues");
export const damagedPath = (directory: string) => join(directory, "damaged");
export const problemPath = (directory: string) => join(directory, "problem");

export const segmentName = (firstNumber: number) => `${String(firstNumber).padStart(16, "0")}.seg`;

/** The first record numbers of the segment files among `names`, ascending. */
export function segmentNumbers(names: readonly string[]): number[] {
  return names
    .filter((name) => /^\d{16}\.seg$/.test(name))
    .map((name) => Number(name.slice(0, 16)))
    .sort((a, b) => a - b);
}

/** Throws if the name could lead out of the directory. */
export function definitionPath(directory: string, name: string): string {
  if (!/^[a-z0-9-]+$/.test(name))
    throw new Error(`invalid definition name ${JSON.stringify(name)}: expected [a-z0-9-]+`);
  return join(definitionsPath(directory), name);
}
