/**
 * Notices that files between others were deleted: by comparing the names of a topic's files with those that it saw before, and, when it
 * sees a partition for the first time, by hours in which the partition has no file. Only then it reads the metadata of files.
 */
import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { utcDay } from "../../events/eventDate.ts";
import type { SkippedRange } from "../SkippedOffsets.ts";
import { listFiles, readFileMetadata, type StoredFile } from "./lakeFiles.ts";
import { hourOf } from "./lakeKeys.ts";

const HOUR_MS = 3_600_000;
/** As long as the log keeps messages by default. A lifecycle rule of the bucket may delete older files. */
const WATCHED_HOURS = 168;

interface LostFilesOptions {
  readonly objects: ObjectStore;
  /** Unix ms. */
  readonly now: () => number;
  /** Resolves to `YYYY-MM-DD`: retention has deleted, or is deleting, the files of earlier days. */
  readonly readDeletedBefore: () => Promise<string>;
}

interface Watched {
  /** Hour of each file that was seen or is missing, by its first offset. */
  readonly hours: ReadonlyMap<bigint, number>;
  readonly lost: readonly SkippedRange[];
}

export class LostFiles {
  readonly #options: LostFilesOptions;
  readonly #watched = new Map<string, ReadonlyMap<number, Watched>>();

  constructor(options: LostFilesOptions) {
    this.#options = options;
  }

  /** The offsets that are in no file, by the latest look at each topic. */
  get lost(): SkippedRange[] {
    return [...this.#watched.values()].flatMap((ofTopic) => [...ofTopic.values()].flatMap(({ lost }) => lost));
  }

  /** Looks at the files of these partitions. Forgets the topic's other partitions. */
  async look(topic: string, partitions: ReadonlySet<number>): Promise<void> {
    const { objects, now } = this.#options;
    const fromHour = hourOf(now()) - WATCHED_HOURS;
    const before = this.#watched.get(topic);
    const watched = new Map<number, Watched>();
    if (partitions.size > 0) {
      const files = Map.groupBy(await collect(listFiles(objects, topic, fromHour)), ({ partition }) => partition);
      for (const partition of partitions) {
        const found = (files.get(partition) ?? []).sort((a, b) => (a.firstOffset < b.firstOffset ? -1 : 1));
        watched.set(partition, await this.#compare(found, fromHour, before?.get(partition)?.hours));
      }
    }
    this.#watched.set(topic, watched);
  }

  async #compare(
    found: readonly StoredFile[],
    fromHour: number,
    before: Watched["hours"] | undefined,
  ): Promise<Watched> {
    const hours = new Map(found.map(({ firstOffset, hour }) => [firstOffset, hour]));
    const missing = before === undefined ? await this.#missingBetweenHours(found) : without(before, hours);
    // It is read after the listing: what retention has deleted until then is not lost.
    const deletedBefore = missing.length === 0 ? "" : await this.#options.readDeletedBefore();
    const lost: SkippedRange[] = [];
    for (const [offset, hour] of missing) {
      if (hour < fromHour || utcDay(hour * HOUR_MS) < deletedBefore) continue;
      const isKnown = lost.some(({ firstOffset, nextOffset }) => offset >= firstOffset && offset < nextOffset);
      const gap = isKnown ? null : await this.#gapAt(offset, found);
      if (gap !== null) lost.push(gap);
      if (isKnown || gap !== null) hours.set(offset, hour);
    }
    return { hours, lost };
  }

  /**
   * The first missing offset, and an hour, of each gap between two files with at least one hour between them. There are few such pairs,
   * so few files are read. Gaps between files of adjacent hours are not found.
   */
  async #missingBetweenHours(files: readonly StoredFile[]): Promise<[bigint, number][]> {
    const found = files.slice(1).map(async (file, index): Promise<[bigint, number] | null> => {
      const before = files[index];
      if (file.hour === before.hour || file.hour === before.hour + 1) return null;
      const end = await this.#endOf(before);
      return end < file.firstOffset ? [end, Math.min(before.hour + 1, file.hour)] : null;
    });
    return (await Promise.all(found)).filter((one) => one !== null);
  }

  /**
   * The offsets around this one that are in no file. Null if a file contains it, because the sink has stored the messages again in
   * larger files, or if there is no later file: then the sink continues before it and stores the messages again.
   */
  async #gapAt(offset: bigint, files: readonly StoredFile[]): Promise<SkippedRange | null> {
    const after = files.find(({ firstOffset }) => firstOffset > offset);
    if (after === undefined) return null;
    const before = files.findLast(({ firstOffset }) => firstOffset < offset);
    const end = before === undefined ? offset : await this.#endOf(before);
    if (end > offset) return null;
    const { topic, partition } = after;
    return { topic, partition, firstOffset: end, nextOffset: after.firstOffset };
  }

  async #endOf(file: StoredFile): Promise<bigint> {
    return (await readFileMetadata(this.#options.objects, file)).lastOffset + 1n;
  }
}

function without(seen: Watched["hours"], found: ReadonlyMap<bigint, number>): [bigint, number][] {
  return [...seen].filter(([offset]) => !found.has(offset)).sort(([a], [b]) => (a < b ? -1 : 1));
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
