/** The live feed of a single process: a ring in memory, empty after a restart. */
import { comesAfter, type LiveEntry, type LiveFeed, type StoredEntry } from "./LiveFeed.ts";

type Listener = (entries: readonly StoredEntry[]) => void;

export class RingFeed implements LiveFeed {
  readonly #entriesMax: number;
  readonly #now: () => number;
  readonly #entries: StoredEntry[] = [];
  readonly #cursors = new Map<string, string>();
  readonly #listeners = new Set<Listener>();
  #lastMs = 0;
  #lastNumber = 0;

  /** @param now Unix ms. */
  constructor({ entriesMax = 10_000, now }: { readonly entriesMax?: number; readonly now: () => number }) {
    this.#entriesMax = entriesMax;
    this.#now = now;
  }

  async cursor(partition: string): Promise<string | null> {
    return this.#cursors.get(partition) ?? null;
  }

  async append(partition: string, from: string | null, to: string, entries: readonly LiveEntry[]): Promise<boolean> {
    if ((this.#cursors.get(partition) ?? null) !== from) return false;
    this.#cursors.set(partition, to);
    await this.publish(entries);
    return true;
  }

  async publish(entries: readonly LiveEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const stored = entries.map((entry) => ({ ...entry, id: this.#nextId() }));
    this.#entries.push(...stored);
    this.#entries.splice(0, this.#entries.length - this.#entriesMax);
    for (const listener of this.#listeners) listener(stored);
  }

  async readAfter(id: string, limit: number): Promise<StoredEntry[]> {
    const first = this.#entries.findIndex((entry) => comesAfter(entry.id, id));
    return first < 0 ? [] : this.#entries.slice(first, first + limit);
  }

  async subscribe(listener: Listener): Promise<() => void> {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async clear(): Promise<void> {
    this.#entries.length = 0;
    this.#cursors.clear();
  }

  problem(): string | null {
    return null;
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  /** Numbers entries as a Redis stream does. */
  #nextId(): string {
    const nowMs = this.#now();
    if (nowMs > this.#lastMs) {
      this.#lastMs = nowMs;
      this.#lastNumber = 0;
    } else {
      this.#lastNumber++;
    }
    return `${this.#lastMs}-${this.#lastNumber}`;
  }
}
