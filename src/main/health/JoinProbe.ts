/**
 * Tests what a join needs from Redis: that it can be written to on both connections of this process, and that a message
 * published there arrives at a subscription of this process. A connection that only looks open fails this test.
 */
import type { Redis } from "ioredis";
import type { SharedPresence } from "../../matchmaking/roomDriver/SharedPresence.ts";
import { within } from "../../platform/async/waiting.ts";
import { type Condition, conditionsOf } from "../../platform/health/Health.ts";
import { describeRedisProblem } from "../../platform/redis/problem.ts";

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
  readonly #host: string;

  constructor(options: JoinProbeOptions) {
    this.#options = options;
    this.#host = new URL(options.url).host;
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
      const { message } = error as Error;
      if (message === late.message) return `REDIS_URL: ${this.#host} gave ${message}; players cannot join`;
      return describeRedisProblem(error as Error, this.#host);
    }
  }
}
