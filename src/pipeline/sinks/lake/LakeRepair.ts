/**
 * Looks for deleted files of the lake, and stores their messages again, as far as the log still has them. It looks at one topic every few
 * minutes, so that each topic is listed about once an hour. Messages are stored in the background, of one partition at a time, while
 * the sink continues.
 */
import { Backoff } from "../../../platform/async/Backoff.ts";
import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import type { EventLog } from "../../log/EventLog.ts";
import { toLine } from "../../log/toLine.ts";
import type { EventCatalogue } from "../eventCatalogue.ts";
import { RecurringTask } from "../RecurringTask.ts";
import { describeRanges, type SkippedRange } from "../SkippedOffsets.ts";
import { LostFiles } from "./LostFiles.ts";
import { hourOf } from "./lakeKeys.ts";
import { restoreMessages } from "./restoreMessages.ts";

const HOUR_MS = 3_600_000;
const RETRY_FIRST_MS = 60_000;
/** Ranges that are closer together are read at once: reading what is between them takes less time than joining the group again. */
const NEAR_OFFSETS = 100_000n;

interface LakeRepairOptions {
  readonly log: Pick<EventLog, "consume" | "problem">;
  readonly objects: ObjectStore;
  readonly catalogue: EventCatalogue;
  readonly topics: readonly string[];
  /** Unix ms. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** Resolves to `YYYY-MM-DD`: retention has deleted, or is deleting, the files of earlier days. */
  readonly readDeletedBefore: () => Promise<string>;
  readonly warn: (line: string) => void;
  readonly inform: (line: string) => void;
  /** Called after each look, with a line about the missing messages, or null. */
  readonly report: (line: string | null) => void;
}

interface Running {
  readonly ranges: readonly SkippedRange[];
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

export class LakeRepair {
  readonly #options: LakeRepairOptions;
  readonly #lostFiles: LostFiles;
  readonly #task: RecurringTask;
  readonly #backoff = new Backoff(RETRY_FIRST_MS, HOUR_MS);
  #assigned: (topic: string) => ReadonlySet<number> = () => new Set();
  #next = 0;
  /** Topics of which messages were stored again since the latest look. */
  readonly #changed = new Set<string>();
  #running: Running | null = null;
  #retryAt = Number.NEGATIVE_INFINITY;
  /** The log was read there: it does not have the messages that are still missing. */
  #read: SkippedRange[] = [];

  constructor(options: LakeRepairOptions) {
    const { topics, monotonicMs, warn } = options;
    this.#options = options;
    this.#lostFiles = new LostFiles(options);
    this.#task = new RecurringTask("sink lake: the search for deleted files", () => this.#look(), {
      ...{ periodMs: HOUR_MS / topics.length, now: monotonicMs, monotonicMs, warn },
    });
  }

  /**
   * Looks at the next topic, and begins to store what is missing, if it is time. Never rejects.
   * @param assigned returns the partitions of the topic that the sink stores.
   */
  async continue(assigned: (topic: string) => ReadonlySet<number>): Promise<void> {
    this.#assigned = assigned;
    if (this.#changed.size > 0) this.#task.makeDue();
    await this.#task.runIfDue();
    this.#restoreNext();
  }

  /** Resolves when nothing is stored in this partition any more, which is soon. */
  async onRevoked(topic: string, partition: number): Promise<void> {
    const running = this.#running;
    if (running?.ranges[0].topic !== topic || running.ranges[0].partition !== partition) return;
    running.stopping.abort();
    await running.ended;
  }

  async #look(): Promise<void> {
    const { topics, report } = this.#options;
    const [changed] = this.#changed;
    const topic = changed ?? topics[this.#next];
    await this.#lostFiles.look(topic, this.#assigned(topic));
    if (changed === undefined) this.#next = (this.#next + 1) % topics.length;
    else this.#changed.delete(changed);
    const { lost } = this.#lostFiles;
    this.#read = this.#read.filter((range) => lost.some((one) => isSamePartition(one, range) && overlaps(one, range)));
    report(
      describeLost(
        lost.filter((one) => !this.#wasRead(one)),
        lost.filter((one) => this.#wasRead(one)),
      ),
    );
  }

  #wasRead(range: SkippedRange): boolean {
    return this.#read.some((read) => isSamePartition(read, range) && includes(read, range));
  }

  #restoreNext(): void {
    if (this.#running !== null || this.#options.monotonicMs() < this.#retryAt) return;
    const isDue = (range: SkippedRange) => this.#assigned(range.topic).has(range.partition) && !this.#wasRead(range);
    const ranges = firstRun(this.#lostFiles.lost.filter(isDue));
    if (ranges.length === 0) return;
    const stopping = new AbortController();
    this.#running = { ranges, stopping, ended: this.#restore(ranges, stopping.signal) };
  }

  /** Never rejects. */
  async #restore(ranges: readonly SkippedRange[], signal: AbortSignal): Promise<void> {
    const { now, readDeletedBefore, inform, warn, monotonicMs } = this.#options;
    try {
      const deletedBefore = await readDeletedBefore();
      const range = { ...ranges[0], nextOffset: ranges.at(-1)!.nextOffset };
      const options = { ...this.#options, deletedBefore, nowHour: hourOf(now()) };
      const stored = await restoreMessages(options, range, signal);
      if (stored === null) return;
      if (stored.length > 0)
        inform(`sink lake: stored messages of deleted files again, from the log (${describeRanges(stored)})`);
      this.#read.push(...ranges);
      this.#changed.add(range.topic);
      this.#backoff.reset();
    } catch (error) {
      if (signal.aborted) return;
      const pauseMs = this.#backoff.takeMs();
      this.#retryAt = monotonicMs() + pauseMs;
      warn(
        `sink lake: storing the messages of deleted files again (${describeRanges(ranges)}) failed, trying again in ${pauseMs / 60_000} min: ${toLine(error)}`,
      );
    } finally {
      this.#running = null;
    }
  }
}

/** The first range, and those after it in the same partition that are near enough. Expects the ranges of a partition in order. */
function firstRun(ranges: readonly SkippedRange[]): SkippedRange[] {
  const run = ranges.slice(0, 1);
  for (const range of ranges.slice(1)) {
    const last = run.at(-1)!;
    if (!isSamePartition(last, range) || range.firstOffset - last.nextOffset > NEAR_OFFSETS) break;
    run.push(range);
  }
  return run;
}

function isSamePartition(a: SkippedRange, b: SkippedRange): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}

function overlaps(a: SkippedRange, b: SkippedRange): boolean {
  return a.firstOffset < b.nextOffset && b.firstOffset < a.nextOffset;
}

function includes(outer: SkippedRange, inner: SkippedRange): boolean {
  return outer.firstOffset <= inner.firstOffset && inner.nextOffset <= outer.nextOffset;
}

/**
 * @param unread may still be in the log.
 * @param gone are not in the log: their files were deleted, or the log had deleted them before the sink read them.
 */
function describeLost(unread: readonly SkippedRange[], gone: readonly SkippedRange[]): string | null {
  if (unread.length + gone.length === 0) return null;
  const parts: string[] = [];
  if (unread.length > 0)
    parts.push(
      `the sink reads them from the log again, and stores those that it still has (${describeRanges(unread)})`,
    );
  if (gone.length > 0)
    parts.push(
      `the log no longer has some of them (${describeRanges(gone)}): if files were deleted, restore them from a backup of the lake`,
    );
  return `sink lake: messages are missing between the files of the lake: ${parts.join("; ")}`;
}
