/**
 * A fresh outbox that replaces a damaged one continues its log: consumers of the embedded log find the same log id, and higher
 * record numbers. The file `continues` says so, as JSON. It is written once, when the outbox is created.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { nullIfMissing } from "../../platform/files/nullIfMissing.ts";
import { syncDirectory } from "../../platform/files/syncDirectory.ts";
import { damageError } from "./damage.ts";
import { readAcknowledged } from "./drainState.ts";
import { continuationPath, segmentName, segmentNumbers, segmentsPath } from "./paths.ts";
import { NUMBERS_SKIPPED } from "./recover.ts";
import { RECORD_HEADER_BYTES } from "./segmentFormat.ts";

export interface Continuation {
  /** Id of the log: that of its first outbox. */
  readonly log: string;
  /** Number of this outbox's first record. */
  readonly firstNumber: number;
}

/** An outbox that continues no other is the first of its log. Rejects with `OutboxDamaged`. */
export async function readContinuation(directory: string): Promise<Continuation> {
  const text = await readFile(continuationPath(directory), "utf8").catch(nullIfMissing);
  if (text === null) return { log: basename(directory), firstNumber: 1 };
  try {
    const { log, firstNumber } = JSON.parse(text);
    if (/^[0-9a-f]{16}$/.test(log) && Number.isSafeInteger(firstNumber)) return { log, firstNumber };
  } catch {
    // Reported below.
  }
  throw damageError(directory, "the file continues is damaged");
}

/** The continuation of a damaged outbox. Its first number is above every number that the outbox may have used. */
export async function continuationAfter(directory: string): Promise<Continuation> {
  const own = await readContinuation(directory).catch(() => ({ log: basename(directory), firstNumber: 1 }));
  const segments = segmentNumbers(await readdir(segmentsPath(directory)).catch(() => []));
  let last = own.firstNumber;
  const newest = segments.at(-1);
  if (newest !== undefined) {
    const { size } = await stat(join(segmentsPath(directory), segmentName(newest)));
    last = newest + Math.ceil(size / RECORD_HEADER_BYTES);
  }
  const acknowledged = await readAcknowledged(directory);
  return { log: own.log, firstNumber: Math.max(last, acknowledged) + NUMBERS_SKIPPED };
}

/** Creates the directory of an outbox with this continuation; both exist, or neither. */
export async function createContinuing(directory: string, continuation: Continuation): Promise<void> {
  const draft = `${directory}.new`;
  await mkdir(draft, { recursive: true, mode: 0o700 });
  await writeFile(continuationPath(draft), JSON.stringify(continuation), { flush: true });
  await syncDirectory(draft);
  await rename(draft, directory).catch(async (error) => {
    await rm(draft, { recursive: true });
    throw error;
  });
}
