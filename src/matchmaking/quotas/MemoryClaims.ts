import type { ClaimSet, Claims } from "./Claims.ts";

const SWEEP_EVERY_MS = 60_000;

/** Claims in the memory of this process: for a program with one process, and while Redis is unavailable. */
export class MemoryClaims implements Claims {
  readonly #now: () => number;
  /** When each id expires, by name of the set. */
  readonly #sets = new Map<string, Map<string, number>>();
  #sweptAt: number;

  /** `now` is monotonic, in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#sweptAt = now();
  }

  async add(sets: readonly ClaimSet[], id: string | null, ms: number): Promise<number> {
    this.#sweep();
    const full = sets.findIndex(({ name, max }) => this.#isFull(name, id, max));
    if (full >= 0 || id === null) return full;
    const until = this.#now() + ms;
    for (const { name } of sets) {
      const ids = this.#sets.get(name) ?? new Map<string, number>();
      this.#sets.set(name, ids.set(id, until));
    }
    return -1;
  }

  async remove(names: readonly string[], id: string): Promise<void> {
    for (const name of names) {
      const ids = this.#sets.get(name);
      ids?.delete(id);
      if (ids?.size === 0) this.#sets.delete(name);
    }
  }

  close(): void {
    this.#sets.clear();
  }

  #isFull(name: string, id: string | null, max: number): boolean {
    const ids = this.#sets.get(name);
    if (ids === undefined || (id !== null && ids.has(id))) return false;
    if (ids.size >= max) this.#removeExpired(name, ids);
    return ids.size >= max;
  }

  /** Removes the sets of players who never come back. */
  #sweep(): void {
    if (this.#now() - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = this.#now();
    for (const [name, ids] of this.#sets) this.#removeExpired(name, ids);
  }

  #removeExpired(name: string, ids: Map<string, number>): void {
    const now = this.#now();
    for (const [id, until] of ids) if (until <= now) ids.delete(id);
    if (ids.size === 0) this.#sets.delete(name);
  }
}
