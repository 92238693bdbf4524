/**
 * Replaces the damaged files of an outbox by files with what is intact in them. The damaged ones are kept in `damaged/`. A process
 * that dies meanwhile leaves an outbox that can be repaired again.
 */
import { copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { syncDirectory } from "../../platform/files/syncDirectory.ts";
import { OsLock } from "../../platform/locks/OsLock.ts";
import { readAt } from "./blockScan.ts";
import { readContinuation } from "./continuation.ts";
import { unmarkDamaged } from "./damage.ts";
import { openStateFiles, writeState } from "./drainState.ts";
import { OutboxDamaged, OutboxLocked } from "./Outbox.ts";
import {
  continuationPath,
  damagedPath,
  drainLockPath,
  segmentName,
  segmentsPath,
  statePaths,
  writerLockPath,
} from "./paths.ts";
import { encodeSegmentHeader } from "./segmentFormat.ts";
import { isSegmentDamaged, type Survey, type SurveyedSegment } from "./survey.ts";

/**
 * Runs `work` while no process writes or drains the outbox. Rejects with `OutboxLocked` if one does. A damaged outbox is drained
 * by none.
 */
export async function withLocks<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const locks: OsLock[] = [];
  try {
    for (const path of [writerLockPath(directory), drainLockPath(directory)]) {
      const lock = OsLock.tryAcquire(path);
      if (lock === null)
        throw new OutboxLocked(`outbox ${basename(directory)} is in use (${basename(path)}): stop its process first`);
      locks.push(lock);
    }
    return await work();
  } finally {
    for (const lock of locks) lock.release();
  }
}

/** The caller holds both locks. `at` is Unix ms. */
export async function repair(survey: Survey, at: number): Promise<void> {
  const { directory, segments } = survey;
  for (const segment of segments) if (isSegmentDamaged(segment)) await replaceSegment(survey, segment, at);
  await replaceState(survey);
  await readContinuation(directory).catch(async (error) => {
    if (!(error instanceof OutboxDamaged)) throw error;
    await keep(directory, continuationPath(directory));
    await rm(continuationPath(directory));
  });
  await syncDirectory(directory);
  await unmarkDamaged(directory);
}

async function replaceSegment({ id, directory }: Survey, segment: SurveyedSegment, at: number): Promise<void> {
  const path = join(segmentsPath(directory), segmentName(segment.number));
  const draft = `${path}.new`;
  const [from, to] = [await open(path, "r"), await open(draft, "w", 0o600)];
  try {
    await to.write(encodeSegmentHeader(id, segment.number, at));
    for (const block of segment.blocks) await to.write(await readAt(from, block.from, block.to - block.from));
    await to.sync();
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
  await keep(directory, path);
  await rename(draft, path);
  await syncDirectory(segmentsPath(directory));
}

async function replaceState({ directory, state, damagedStates, acknowledged }: Survey): Promise<void> {
  if (damagedStates.length === 0) return;
  for (const path of statePaths(directory)) {
    if (!damagedStates.includes(basename(path))) continue;
    await keep(directory, path);
    await rm(path);
  }
  const files = await openStateFiles(directory);
  try {
    const { generation, entries } = state ?? { generation: 0, entries: new Map() };
    await writeState(files, { generation: generation + 1, acknowledged, entries });
  } finally {
    await Promise.all(files.map((file) => file.close()));
  }
}

/** Keeps a copy in `damaged/`; of a file that was kept before, the copy of that time. */
async function keep(directory: string, path: string): Promise<void> {
  await mkdir(damagedPath(directory), { recursive: true, mode: 0o700 });
  const copy = join(damagedPath(directory), basename(path));
  await link(path, copy).catch(async (error) => {
    if (error.code !== "EEXIST") await copyFile(path, copy);
  });
  await syncDirectory(damagedPath(directory));
}
