/** Player names for responses. Lookups of concurrent requests are batched, and results are cached for three seconds. */
import { LRUCache } from "lru-cache";
import type { SqlRunner } from "../platform/sql/Sql.ts";
import { readNames } from "../players/database/players.ts";

const CACHE_MS = 3_000;
const CACHED_MAX = 100_000;

export class Names {
  readonly #sql: SqlRunner;
  readonly #cached = new LRUCache<string, { readonly name: string | null }>({ max: CACHED_MAX, ttl: CACHE_MS });
  #batch: Set<string> | null = null;
  #reading: Promise<Map<string, string>> = Promise.resolve(new Map());

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** Resolves to a function from player id to name; null for players without one. Names are at most three seconds old. */
  async of(ids: readonly string[]): Promise<(id: string) => string | null> {
    const found = new Map<string, string | null>();
    const missing: string[] = [];
    for (const id of ids) {
      const kept = this.#cached.get(id);
      if (kept === undefined) missing.push(id);
      else found.set(id, kept.name);
    }
    if (missing.length > 0) {
      const read = await this.#readBatched(missing);
      for (const id of missing) found.set(id, read.get(id) ?? null);
    }
    return (id) => found.get(id) ?? null;
  }

  forget(id: string): void {
    this.#cached.delete(id);
  }

  /** One query for all ids that are requested in the same turn of the event loop. */
  #readBatched(ids: readonly string[]): Promise<Map<string, string>> {
    if (this.#batch === null) {
      const wanted = new Set<string>();
      this.#batch = wanted;
      this.#reading = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
        this.#batch = null;
        const names = await readNames(this.#sql, [...wanted]);
        for (const id of wanted) this.#cached.set(id, { name: names.get(id) ?? null });
        return names;
      });
    }
    for (const id of ids) this.#batch.add(id);
    return this.#reading;
  }
}
