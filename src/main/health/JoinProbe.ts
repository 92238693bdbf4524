/**
 * Tests what a join needs from Redis: that it can be written to on both connections of this process, and that a message
 * published there arrives at a subscription of this process. A connection that only looks open fails this test.
 */
import type { Redis } from "ioredis";
import type { SharedPresence } from "../../matchmaking/roomDriver/SharedPresence.ts";
import { within } from "../../platform/async/waiting.ts";
import { type Condition, conditionsOf } from "../../platform/health/Health.ts";
import { type RedisLocation, redisLocation } from "../../platform/redis/location.ts";
import { connectionErrorOf } from "../../platform/redis/openRedis.ts";
import { describeRedisProblem, isUnavailable } from "../../platform/redis/problem.ts";

const WITHIN_MS = 1000;
const KEPT_SECONDS = 60;

interface JoinProbeOptions {
  readonly redis: Redis;
  readonly presence: Pick<SharedPresence, "check">;
  readonly namespace: string;
  /** Random, so that processes do not receive each other's messages. */
  readonly id: string;
  readonly url: string;
}

export class JoinProbe {
  readonly #options: JoinProbeOptions;
  readonly #location: RedisLocation;

  constructor(options: JoinProbeOptions) {
    this.#options = options;
    this.#location = redisLocation(options.url);
  }

  async conditions(): Promise<Condition[]> {
    const { redis, presence, namespace, id } = this.#options;
    const key = `health:${id}`;
    const tests = [
      this.#run("a write", redis.set(namespace + key, "1", "EX", KEPT_SECONDS)),
      this.#run("a message to this process", presence.check(key)),
    ];
    const lines = await Promise.all(tests);
    return conditionsOf([...new Set(lines)], "joins");
  }

  async #run(what: string, work: Promise<unknown>): Promise<string | null> {
    const late = new Error(`no answer to ${what} within ${WITHIN_MS} ms`);
    try {
      await within(WITHIN_MS, work, late.message);
      return null;
    } catch (error) {
      const { redis, namespace } = this.#options;
      const { address } = this.#location;
      const { message } = error as Error;
      const reason = connectionErrorOf(redis);
      if (message === late.message && reason === null)
        return `REDIS_URL: ${address} gave ${message}; players cannot join`;
      const isVague = message === late.message || isUnavailable(error as Error);
      return describeRedisProblem(isVague ? (reason ?? (error as Error)) : (error as Error), {
        ...this.#location,
        namespace,
      });
    }
  }
}
