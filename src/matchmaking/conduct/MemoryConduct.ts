import { steadyUnixMs } from "../../platform/clock/steadyUnixMs.ts";
import { type Conduct, cooldownAfter, OFFENCES_MS, PLACE_MS } from "./Conduct.ts";

interface Expiring<T> {
  readonly value: T;
  /** Unix ms. */
  readonly until: number;
}

/** For a program with one process. */
export class MemoryConduct implements Conduct {
  readonly #seconds: readonly number[];
  readonly #now: () => number;
  readonly #offences = new Map<string, Expiring<number>>();
  readonly #cooldowns = new Map<string, Expiring<true>>();
  /** By mode and player. */
  readonly #places = new Map<string, Expiring<number>>();

  /** `seconds`: the cooldown after the first, second, … offence. `now`: Unix ms, from a clock that is never set. */
  constructor(seconds: readonly number[], now: () => number = steadyUnixMs) {
    this.#seconds = seconds;
    this.#now = now;
  }

  async addOffence(playerId: string): Promise<void> {
    const offences = (this.#read(this.#offences, playerId) ?? 0) + 1;
    this.#write(this.#offences, playerId, offences, OFFENCES_MS);
    this.#write(this.#cooldowns, playerId, true, cooldownAfter(this.#seconds, offences));
  }

  async cooldownMs(playerIds: readonly string[]): Promise<number> {
    const now = this.#now();
    return Math.max(0, ...playerIds.map((id) => (this.#cooldowns.get(id)?.until ?? now) - now));
  }

  async keepPlace(playerIds: readonly string[], mode: string, enteredAt: number): Promise<void> {
    for (const id of playerIds) this.#write(this.#places, `${mode}|${id}`, enteredAt, PLACE_MS);
  }

  async takePlace(playerIds: readonly string[], mode: string): Promise<number | null> {
    const keys = playerIds.map((id) => `${mode}|${id}`);
    const times = keys.map((key) => this.#read(this.#places, key));
    if (times.includes(null)) return null;
    for (const key of keys) this.#places.delete(key);
    return Math.max(...(times as number[]));
  }

  #read<T>(values: Map<string, Expiring<T>>, key: string): T | null {
    const found = values.get(key);
    return found !== undefined && found.until > this.#now() ? found.value : null;
  }

  /** Also removes what has expired, so that the map does not grow. */
  #write<T>(values: Map<string, Expiring<T>>, key: string, value: T, ms: number): void {
    const now = this.#now();
    for (const [old, { until }] of values) if (until <= now) values.delete(old);
    values.set(key, { value, until: now + ms });
  }
}
