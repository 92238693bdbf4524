/**
 * Deletes old files of the lake, in one process of those that share it. The state is stored as the object `retention/LIMIT.json`; a
 * new state gets a new object.
 */
import type { ObjectStore } from "../../../platform/objectStore/ObjectStore.ts";
import { utcDay } from "../../events/eventDate.ts";
import {
  type DailyData,
  Retention,
  type RetentionOptions,
  type RetentionState,
  type RetentionStore,
} from "../retention/Retention.ts";
import { listFiles, type StoredFile } from "./lakeFiles.ts";

const HOUR_MS = 3_600_000;
const STATES = "retention/";
const CLAIMS = "retention/claim-";

export function lakeRetention(
  { objects, topics }: { readonly objects: ObjectStore; readonly topics: readonly string[] },
  options: RetentionOptions,
): Retention {
  return new Retention("lake", new OldFiles(objects, topics), new StateObjects(objects), options);
}

/**
 * `YYYY-MM-DD`: retention has deleted, or is deleting, the files of earlier days; empty if it has deleted nothing. A file that is missing,
 * and was missing before this call, was not deleted by retention if it is of this day or a later one.
 */
export async function readDeletedBefore(objects: ObjectStore): Promise<string> {
  return (await new StateObjects(objects).load())?.deletedBefore ?? "";
}

class OldFiles implements DailyData {
  readonly #objects: ObjectStore;
  readonly #topics: readonly string[];

  constructor(objects: ObjectStore, topics: readonly string[]) {
    this.#objects = objects;
    this.#topics = topics;
  }

  async daysBefore(day: string): Promise<string[]> {
    const days = new Set<string>();
    for (const topic of this.#topics)
      for (const { hour } of await this.#before(topic, day)) days.add(utcDay(hour * HOUR_MS));
    return [...days].sort();
  }

  async deleteBefore(day: string): Promise<string> {
    let [files, bytes] = [0, 0];
    for (const topic of this.#topics) {
      const old = await this.#before(topic, day);
      await this.#objects.removeAll(old.map(({ key }) => key));
      files += old.length;
      bytes += old.reduce((sum, { size }) => sum + size, 0);
    }
    return `${files} files (${(bytes / 1e6).toFixed(1)} MB)`;
  }

  /**
   * The files of the topic before the day, except the last file of each partition: that file contains the offset at which the
   * sink continues.
   */
  async #before(topic: string, day: string): Promise<StoredFile[]> {
    const last = new Map<number, StoredFile>();
    const old: StoredFile[] = [];
    for await (const file of listFiles(this.#objects, topic)) {
      const before = last.get(file.partition);
      if (before === undefined || file.firstOffset > before.firstOffset) last.set(file.partition, file);
      if (utcDay(file.hour * HOUR_MS) < day) old.push(file);
    }
    return old.filter((file) => last.get(file.partition) !== file);
  }
}

const keyOfState = (limit: number): string => `${STATES}${String(limit).padStart(15, "0")}.json`;

/**
 * An object store never overwrites an object. So the name of each state contains its limit, and the latest name is the current
 * state.
 */
class StateObjects implements RetentionStore {
  readonly #objects: ObjectStore;

  constructor(objects: ObjectStore) {
    this.#objects = objects;
  }

  async load(): Promise<RetentionState | null> {
    const key = (await this.#keys()).at(-1);
    const bytes = key === undefined ? null : await this.#objects.get(key);
    return bytes === null ? null : JSON.parse(bytes.toString());
  }

  async save(state: RetentionState): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(state));
    let limit = Math.round(state.limitMs);
    // A state with the same limit may exist, and this one is newer.
    while ((await this.#objects.putNew(keyOfState(limit), bytes)) === "exists") limit++;
    const old = (await this.#keys()).filter((key) => key < keyOfState(limit));
    await this.#objects.removeAll(old);
  }

  /** The object of an hour can be created only once. The objects of earlier hours are removed. */
  async tryClaim(hour: number): Promise<boolean> {
    const key = CLAIMS + String(hour).padStart(9, "0");
    if ((await this.#objects.putNew(key, Buffer.alloc(0))) === "exists") return false;
    const old: string[] = [];
    for await (const claim of this.#objects.list(CLAIMS)) if (claim.key < key) old.push(claim.key);
    await this.#objects.removeAll(old);
    return true;
  }

  async #keys(): Promise<string[]> {
    const keys: string[] = [];
    for await (const { key } of this.#objects.list(STATES)) if (key.endsWith(".json")) keys.push(key);
    return keys;
  }
}
