/** What the in-memory pool remembers about past entries: how they ended, recent opponents, and average waits. */
import type { Gone } from "../RankedQueue.ts";
import { ENDED_MS, type Ended, type Entry, poolName, RECENT_COUNT, RECENT_MS, WAIT_WEIGHT } from "./Pool.ts";

export class MemoryHistory {
  readonly #ended = new Map<string, Ended & { readonly until: number }>();
  readonly #recent = new Map<string, { readonly ids: readonly string[]; readonly until: number }>();
  readonly #waits = new Map<string, number>();
  readonly #now: () => number;

  /** `now`: Unix ms, from a clock that is never set. */
  constructor(now: () => number) {
    this.#now = now;
  }

  recordEnd({ id, players }: Entry, how: Gone): void {
    const now = this.#now();
    for (const [old, { until }] of this.#ended) if (until <= now) this.#ended.delete(old);
    const readers = players.filter(({ via }) => via === "ticket").map(({ playerId }) => playerId);
    this.#ended.set(id, { state: "ended", how, readers, until: now + ENDED_MS });
  }

  endOf(entryId: string): Ended | null {
    const { until, ...ended } = this.#ended.get(entryId) ?? { until: 0 };
    return until > this.#now() ? (ended as Ended) : null;
  }

  /** Records a match of `playerIds` for one of its entries. `waitMs`: how long the entry waited for it. */
  recordMatch(entry: Entry, playerIds: readonly string[], waitMs: number): void {
    const ownPlayers = new Set(entry.players.map(({ playerId }) => playerId));
    const opponents = playerIds.filter((id) => !ownPlayers.has(id));
    for (const id of ownPlayers) {
      const ids = [...opponents, ...this.opponentsOf(id)].slice(0, Math.max(RECENT_COUNT, opponents.length));
      this.#recent.set(id, { ids, until: this.#now() + RECENT_MS });
    }
    const name = poolName(entry);
    const average = this.#waits.get(name) ?? waitMs;
    this.#waits.set(name, Math.round(average + WAIT_WEIGHT * (waitMs - average)));
  }

  opponentsOf(playerId: string): readonly string[] {
    const recent = this.#recent.get(playerId);
    if (recent !== undefined && recent.until > this.#now()) return recent.ids;
    this.#recent.delete(playerId);
    return [];
  }

  /** Average wait of recently matched entries of a pool, in ms; null before the first match. */
  waitOf(pool: string): number | null {
    return this.#waits.get(pool) ?? null;
  }
}
