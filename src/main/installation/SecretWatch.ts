/**
 * Finds out whether the processes of a NAMESPACE accept each other's tokens. Each process stores the fingerprints of its keys in
 * Redis: first of the key that signs, then of the other keys that it accepts. The fingerprints disclose no key. A process that stops removes
 * them; those of a process that was killed expire.
 */
import type { Redis } from "ioredis";
import { waitMs, within } from "../../platform/async/waiting.ts";
import type { Health } from "../../platform/health/Health.ts";
import { keyIdOf } from "../../players/auth/keyIdOf.ts";

const EVERY_MS = 10_000;
const KEPT_SECONDS = 45;
const STOP_WITHIN_MS = 1000;
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
  /** The key that signs. */
  readonly secret: string;
  /** Further keys whose tokens are accepted here. */
  readonly accepted: readonly string[];
  /** False if the secret is a key in DATA_DIR. */
  readonly isSet: boolean;
  readonly health: Health;
}

export class SecretWatch {
  readonly #options: SecretWatchOptions;
  /** The first signs. */
  readonly #fingerprints: readonly string[];
  readonly #stopping = new AbortController();

  constructor(options: SecretWatchOptions) {
    this.#options = options;
    this.#fingerprints = [options.secret, ...options.accepted].map(keyIdOf);
    void this.#run();
  }

  /** Removes the fingerprints, which other processes with the same keys store again. Resolves soon, also if Redis does not answer. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await within(STOP_WITHIN_MS, this.#options.redis.zrem(this.#key, this.#stored), "Redis did not answer").catch(
      () => {},
    );
  }

  get #key(): string {
    return `${this.#options.namespace}jwt-secrets`;
  }

  get #stored(): string {
    return this.#fingerprints.join();
  }

  /** Rejects if Redis does not answer. The previous result then remains. */
  async check(): Promise<void> {
    const { redis, isSet, health } = this.#options;
    const [own] = this.#fingerprints;
    const all = (await redis.eval(HEARTBEAT_SCRIPT, 1, this.#key, this.#stored)) as string[];
    const strangers = all
      .map((kept) => kept.split(","))
      .filter((other) => !other.includes(own) || !this.#fingerprints.includes(other[0]));
    if (strangers.length === 0) return health.clear(NAME);
    const others = [...new Set(strangers.map(([signing]) => signing))];
    const here = isSet ? "" : "; it is not set here, so this process uses the key in its DATA_DIR";
    health.report(
      NAME,
      `JWT_SECRET: processes with the same REDIS_URL and NAMESPACE sign tokens with different secrets (fingerprint ${own} here, ${others.join(" and ")} elsewhere), so a player who signs in at one process is refused by another; set the same JWT_SECRET for all processes; to change the secret, first add the new one to JWT_ACCEPTED_SECRETS of all processes${here}`,
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
