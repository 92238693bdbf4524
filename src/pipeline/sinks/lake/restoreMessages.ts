import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import type { EventLog } from "../../log/EventLog.ts";
import { readToEnd } from "../../log/readToEnd.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import type { SkippedRange } from "../SkippedOffsets.ts";
import { LakeGaps } from "./LakeGaps.ts";

/** How the names of the consumer groups begin that `restoreMessages` joins. */
export const RESTORE_GROUPS = "restore-lake-";

interface RestoreOptions {
  readonly log: Pick<EventLog, "consume" | "problem">;
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  /** `YYYY-MM-DD`: messages of earlier days are not stored. */
  readonly deletedBefore: string;
  /** Whole hours since 1970. */
  readonly nowHour: number;
}

/**
 * Reads the log in this range of offsets, and stores the messages that are in no file of the lake. Each partition has its own consumer
 * group, so that one process at a time does this. Resolves to the ranges of which the log had messages; null if the signal was aborted.
 * Rejects if a service fails, or if another process reads the partition.
 */
export async function restoreMessages(
  { log, nowHour, ...options }: RestoreOptions,
  range: SkippedRange,
  signal: AbortSignal,
): Promise<readonly SkippedRange[] | null> {
  const { topic, partition } = range;
  const done = new AbortController();
  const within = { range, nowHour, signal, finished: () => done.abort() };
  const gaps = new LakeGaps({ ...options, isStoring: true, within });
  const group = `${RESTORE_GROUPS}${topic}-${partition}`;
  await readToEnd(log, group, [topic], gaps, { signal: AbortSignal.any([signal, done.signal]) });
  if (done.signal.aborted) return gaps.found;
  if (signal.aborted) return null;
  throw new Error(`${topic}[${partition}] is read by another process`);
}
