/**
 * At the start, waits until joins can use Redis, and reports why they cannot. Afterwards, checks every minute that Redis does not
 * delete keys when its memory is full.
 */
import type { Redis } from "ioredis";
import { Backoff } from "../../platform/async/Backoff.ts";
import { within } from "../../platform/async/waiting.ts";
import type { Health } from "../../platform/health/Health.ts";
import { redisLocation } from "../../platform/redis/location.ts";
import { clusterProblem } from "../../platform/redis/problem.ts";
import type { JoinProbe } from "./JoinProbe.ts";

const FIRST_MS = 250;
const LAST_MS = 5_000;
const CHECK_EVERY_MS = 60_000;
const INFO_MS = 1_000;
const NO_ANSWER = "REDIS_URL: no Redis answers";
const START = "Redis at the start";
const EVICTION = "maxmemory-policy of Redis";

interface RedisStartOptions {
  readonly redis: Pick<Redis, "info">;
  readonly probe: Pick<JoinProbe, "conditions">;
  readonly health: Health;
  readonly url: string;
}

export class RedisStart {
  readonly #options: RedisStartOptions;
  readonly #address: string;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RedisStartOptions) {
    this.#options = options;
    this.#address = redisLocation(options.url).address;
  }

  /** Whether joins were able to use Redis at least once. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rejects with one line if REDIS_URL names a cluster or a Sentinel. Resolves early if the signal is aborted. */
  async untilUsable(signal: AbortSignal): Promise<void> {
    const { probe, health } = this.#options;
    const backoff = new Backoff(FIRST_MS, LAST_MS);
    while (!signal.aborted) {
      await this.#check();
      const [broken] = await probe.conditions();
      if (broken === undefined) {
        this.#isOver = true;
        health.clear(START);
        this.#timer = setInterval(() => void this.#check().catch(() => {}), CHECK_EVERY_MS).unref();
        return;
      }
      const remedy = broken.line.startsWith(NO_ANSWER) ? ": start Redis there, or correct REDIS_URL" : "";
      health.report(START, `${broken.line}; this process waits until Redis can be used${remedy}`, "joins");
      await backoff.wait(signal);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    const { redis, health } = this.#options;
    // Null: Redis is unavailable, or the user may not call INFO.
    const info = await within(INFO_MS, redis.info(), "late").catch(() => null);
    if (info === null) return;
    const fieldOf = (name: string): string | undefined => new RegExp(`^${name}:(.*?)\r?$`, "m").exec(info)?.[1];
    const mode = fieldOf("redis_mode");
    if (mode === "cluster") throw new Error(clusterProblem(this.#address));
    if (mode === "sentinel")
      throw new Error(
        `REDIS_URL: ${this.#address} is a Sentinel: expected redis+sentinel://${this.#address}/NAME, with the name of the primary`,
      );
    const policy = fieldOf("maxmemory_policy");
    if (policy === undefined) return;
    if (policy === "noeviction") health.clear(EVICTION);
    else
      health.report(
        EVICTION,
        `REDIS_URL: ${this.#address} has maxmemory-policy ${policy}, which deletes keys when its memory is full, such as players in the queue and rooms: set maxmemory-policy to noeviction`,
      );
  }
}
