/**
 * Notices that files between others were deleted. It looks at one topic every few minutes, so that each topic is listed about once an
 * hour, and compares the names with those that it saw before. Only if a name is missing, it reads the metadata of a file. It knows
 * nothing of files that were deleted before this process listed them.
 */
import { asCalled } from "../../../platform/commandLine/asCalled.ts";
import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { utcDay } from "../../events/eventDate.ts";
import { RecurringTask } from "../RecurringTask.ts";
import { describeRanges, type SkippedRange } from "../SkippedOffsets.ts";
import { listFiles, readFileMetadata, type StoredFile } from "./lakeFiles.ts";
import { hourOf } from "./lakeKeys.ts";

const HOUR_MS = 3_600_000;
/** As long as the log keeps messages by default. A lifecycle rule of the bucket may delete older files. */
const WATCHED_HOURS = 168;

interface LostFilesOptions {
  readonly objects: ObjectStore;
  readonly topics: readonly string[];
  /** Unix ms. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly warn: (line: string) => void;
  /** Called after each look, with a line about the missing messages, or null. */
  readonly report: (line: string | null) => void;
}

interface Watched {
  /** Hour of each file that was seen, by its first offset. */
  readonly hours: Map<bigint, number>;
  /** First offsets of files that the last look did not find. */
  readonly missing: ReadonlySet<bigint>;
  readonly lost: readonly SkippedRange[];
}

interface Assigned {
  readonly partitions: ReadonlySet<number>;
  /** `YYYY-MM-DD`: retention has deleted the files of earlier days. */
  readonly deletedBefore: string;
}

export class LostFiles {
  readonly #options: LostFilesOptions;
  readonly #watched = new Map<string, Map<number, Watched>>();
  readonly #task: RecurringTask;
  #next = 0;
  #assigned: (topic: string) => Assigned = () => ({ partitions: new Set(), deletedBefore: "" });

  constructor(options: LostFilesOptions) {
    const { topics, monotonicMs, warn } = options;
    this.#options = options;
    this.#task = new RecurringTask("sink lake: the search for deleted files", () => this.#look(), {
      ...{ periodMs: HOUR_MS / topics.length, now: monotonicMs, monotonicMs, warn },
    });
  }

  /** Looks at the next topic if it is time. Never rejects. */
  async lookIfDue(assigned: (topic: string) => Assigned): Promise<void> {
    this.#assigned = assigned;
    await this.#task.runIfDue();
  }

  async #look(): Promise<void> {
    const { topics, objects, now, report } = this.#options;
    const topic = topics[this.#next];
    const { partitions, deletedBefore } = this.#assigned(topic);
    const fromHour = hourOf(now()) - WATCHED_HOURS;
    const before = this.#watched.get(topic);
    const watched = new Map<number, Watched>();
    if (partitions.size > 0) {
      const files = Map.groupBy(await collect(listFiles(objects, topic, fromHour)), ({ partition }) => partition);
      for (const partition of partitions) {
        const isWatched = (hour: number) => hour >= fromHour && utcDay(hour * HOUR_MS) >= deletedBefore;
        const found = files.get(partition) ?? [];
        watched.set(partition, await this.#compare(found, isWatched, before?.get(partition)));
      }
    }
    this.#watched.set(topic, watched);
    this.#next = (this.#next + 1) % topics.length;
    const lost = [...this.#watched.values()].flatMap((ofTopic) => [...ofTopic.values()].flatMap((one) => one.lost));
    report(lost.length === 0 ? null : describeLost(lost));
  }

  /** A file counts as lost when two looks have missed it: until then, another process may have stored that retention deleted it. */
  async #compare(
    found: StoredFile[],
    isWatched: (hour: number) => boolean,
    before: Watched | undefined,
  ): Promise<Watched> {
    found.sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
    const hours = new Map(found.map(({ firstOffset, hour }) => [firstOffset, hour]));
    const missing = new Set<bigint>();
    const gaps: SkippedRange[] = [];
    const lost = new Set<SkippedRange>();
    for (const [offset, hour] of before?.hours ?? []) {
      if (hours.has(offset) || !isWatched(hour)) continue;
      let gap = gaps.find(({ firstOffset, nextOffset }) => offset >= firstOffset && offset < nextOffset) ?? null;
      if (gap === null) {
        gap = await this.#gapAt(offset, found);
        if (gap === null) continue;
        gaps.push(gap);
      }
      missing.add(offset);
      if (before!.missing.has(offset)) lost.add(gap);
    }
    for (const offset of missing) hours.set(offset, before!.hours.get(offset)!);
    return { hours, missing, lost: [...lost] };
  }

  /**
   * The offsets around this one that are in no file. Null if a file contains it, because the sink has stored the messages again in
   * larger files, or if there is no later file: then the sink continues before it and stores the messages again.
   */
  async #gapAt(offset: bigint, files: readonly StoredFile[]): Promise<SkippedRange | null> {
    const after = files.find(({ firstOffset }) => firstOffset > offset);
    if (after === undefined) return null;
    const before = files.findLast(({ firstOffset }) => firstOffset < offset);
    const end = before === undefined ? offset : (await readFileMetadata(this.#options.objects, before)).lastOffset + 1n;
    if (end > offset) return null;
    const { topic, partition } = after;
    return { topic, partition, firstOffset: end, nextOffset: after.firstOffset };
  }
}

function describeLost(lost: readonly SkippedRange[]): string {
  return (
    `sink lake: files were deleted, and the lake lacks their messages (${describeRanges(lost)}): with Kafka, ` +
    `run \`${asCalled("npm run rebuild -- lake --from kafka --only-missing --yes")}\`, which deletes nothing, stores the messages that Kafka still has, and lists the others; otherwise restore the files from a backup`
  );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
