/** Owns the names beside ids in responses: asked for together with those of other requests, kept for a few seconds. */
import { LRUCache } from "lru-cache";
import type { SqlRunner } from "../platform/sql/Sql.ts";
import { readNames } from "../players/store/players.ts";

const KEEP_MS = 3_000;
const KEPT_MAX = 100_000;

export class Names {
  readonly #sql: SqlRunner;
  readonly #kept = new LRUCache<string, { readonly name: string | null }>({ max: KEPT_MAX, ttl: KEEP_MS });
  #wanted: Set<string> | null = null;
  #asked: Promise<Map<string, string>> = Promise.resolve(new Map());

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** Names of people, null for those without; at most three seconds old. */
  async of(ids: readonly string[]): Promise<(id: string) => string | null> {
    const found = new Map<string, string | null>();
    const missing: string[] = [];
    for (const id of ids) {
      const kept = this.#kept.get(id);
      if (kept === undefined) missing.push(id);
      else found.set(id, kept.name);
    }
    if (missing.length > 0) {
      const read = await this.#ask(missing);
      for (const id of missing) found.set(id, read.get(id) ?? null);
    }
    return (id) => found.get(id) ?? null;
  }

  forget(id: string): void {
    this.#kept.delete(id);
  }

  /** One question for all that is asked in this turn of the event loop. */
  #ask(ids: readonly string[]): Promise<Map<string, string>> {
    if (this.#wanted === null) {
      const wanted = new Set<string>();
      this.#wanted = wanted;
      this.#asked = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
        this.#wanted = null;
        const names = await readNames(this.#sql, [...wanted]);
        for (const id of wanted) this.#kept.set(id, { name: names.get(id) ?? null });
        return names;
      });
    }
    for (const id of ids) this.#wanted.add(id);
    return this.#asked;
  }
}
