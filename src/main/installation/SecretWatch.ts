/**
 * Finds out whether the processes of a NAMESPACE sign tokens with different secrets. Each process stores a fingerprint of its
 * secret in Redis. The fingerprint does not disclose the secret, and expires after the last process with this secret has stopped.
 */
import { createHmac } from "node:crypto";
import type { Redis } from "ioredis";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Health } from "../../platform/health/Health.ts";

const EVERY_MS = 10_000;
const KEPT_SECONDS = 45;
const NAME = "JWT_SECRET of all processes";

const HEARTBEAT_SCRIPT = `
  local now = tonumber(redis.call('time')[1])
  redis.call('zadd', KEYS[1], now, ARGV[1])
  redis.call('zremrangebyscore', KEYS[1], '-inf', now - ${KEPT_SECONDS})
  redis.call('expire', KEYS[1], ${KEPT_SECONDS})
  return redis.call('zrange', KEYS[1], 0, -1)`;

interface SecretWatchOptions {
  readonly redis: Redis;
  readonly namespace: string;
  readonly secret: string;
  /** False if the secret is a key in DATA_DIR. */
  readonly isSet: boolean;
  readonly health: Health;
}

export class SecretWatch {
  readonly #options: SecretWatchOptions;
  readonly #fingerprint: string;
  readonly #stopping = new AbortController();

  constructor(options: SecretWatchOptions) {
    this.#options = options;
    this.#fingerprint = createHmac("sha256", options.secret).update("hypogeum JWT_SECRET").digest("hex").slice(0, 12);
    void this.#run();
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Rejects if Redis does not answer. The previous result then remains. */
  async check(): Promise<void> {
    const { redis, namespace, isSet, health } = this.#options;
    const all = (await redis.eval(HEARTBEAT_SCRIPT, 1, `${namespace}jwt-secrets`, this.#fingerprint)) as string[];
    const others = all.filter((fingerprint) => fingerprint !== this.#fingerprint);
    if (others.length === 0) return health.clear(NAME);
    const here = isSet ? "" : "; it is not set here, so this process uses the key in its DATA_DIR";
    health.report(
      NAME,
      `JWT_SECRET: processes with the same REDIS_URL and NAMESPACE sign tokens with different secrets (fingerprint ${this.#fingerprint} here, ${others.join(" and ")} elsewhere), so a player who signs in at one is refused by another; set the same JWT_SECRET for all${here}`,
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // The parts that need Redis report that it is unavailable.
      await this.check().catch(() => {});
      await waitMs(EVERY_MS, signal);
    }
  }
}
