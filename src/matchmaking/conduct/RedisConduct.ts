import type { Redis } from "ioredis";
import { type Conduct, cooldownAfter, OFFENCES_MS, PLACE_MS } from "./Conduct.ts";

/**
 * Shared by all processes. The keys begin as those of the pool, and all of them expire: `offences:PLAYER` (number),
 * `cooldown:PLAYER` (exists while it lasts), `place:MODE:PLAYER` (Unix ms).
 */
export class RedisConduct implements Conduct {
  readonly #redis: Redis;
  readonly #prefix: string;
  readonly #seconds: readonly number[];

  /** The caller closes the connection. `seconds`: the cooldown after the first, second, … offence. */
  constructor(redis: Redis, namespace: string, game: string, seconds: readonly number[]) {
    this.#redis = redis;
    this.#prefix = `${namespace}{pool:${game}}:`;
    this.#seconds = seconds;
  }

  async addOffence(playerId: string): Promise<void> {
    const key = `${this.#prefix}offences:${playerId}`;
    const offences = await this.#redis.incr(key);
    await this.#redis.pexpire(key, OFFENCES_MS);
    const ms = cooldownAfter(this.#seconds, offences);
    if (ms > 0) await this.#redis.set(`${this.#prefix}cooldown:${playerId}`, 1, "PX", ms);
  }

  async cooldownMs(playerIds: readonly string[]): Promise<number> {
    const left = await Promise.all(playerIds.map((id) => this.#redis.pttl(`${this.#prefix}cooldown:${id}`)));
    return Math.max(0, ...left);
  }

  async keepPlace(playerIds: readonly string[], mode: string, enteredAt: number): Promise<void> {
    await Promise.all(this.#places(playerIds, mode).map((key) => this.#redis.set(key, enteredAt, "PX", PLACE_MS)));
  }

  async takePlace(playerIds: readonly string[], mode: string): Promise<number | null> {
    const keys = this.#places(playerIds, mode);
    const times = await this.#redis.mget(keys);
    if (times.includes(null)) return null;
    await this.#redis.del(keys);
    return Math.max(...times.map(Number));
  }

  #places(playerIds: readonly string[], mode: string): string[] {
    return playerIds.map((id) => `${this.#prefix}place:${mode}:${id}`);
  }
}
