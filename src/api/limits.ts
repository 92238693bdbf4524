/**
 * Rate limits by player and address. Reads are counted in each process. All other requests are counted in Redis, if there is
 * one, and in the process while Redis is unavailable.
 */
import { createHash, createHmac } from "node:crypto";
import type { Redis } from "ioredis";
import ipaddr from "ipaddr.js";
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from "rate-limiter-flexible";
import { Problem } from "./problems.ts";

interface Allowance {
  readonly points: number;
  readonly seconds: number;
  readonly shared: boolean;
}

/**
 * `password`: password attempts for one account from one address. `account`: the same from all addresses together. `reset`:
 * messages to one e-mail address.
 */
const allowances = {
  read: { points: 600, seconds: 60, shared: false },
  write: { points: 60, seconds: 60, shared: true },
  signIn: { points: 30, seconds: 60, shared: true },
  export: { points: 5, seconds: 60, shared: true },
  operator: { points: 20, seconds: 60, shared: true },
  password: { points: 10, seconds: 900, shared: true },
  account: { points: 100, seconds: 3600, shared: true },
  reset: { points: 4, seconds: 3600, shared: true },
} as const satisfies Record<string, Allowance>;

export type LimitName = keyof typeof allowances;

interface LimitsOptions {
  readonly redis: Redis | null;
  readonly namespace: string;
  /** Key of the hash by which e-mail addresses appear in counter keys, so that nobody can read the addresses there. */
  readonly secret: string;
  /** Multiplies all allowances. For tests and load tests. */
  readonly factor?: number;
}

export class Limits {
  readonly #limiters: Record<LimitName, RateLimiterAbstract>;
  readonly #secret: string;

  constructor({ redis, namespace, secret, factor = 1 }: LimitsOptions) {
    this.#secret = secret;
    const make = (name: LimitName): RateLimiterAbstract => {
      const { points, seconds, shared } = allowances[name];
      const options = { points: points * factor, duration: seconds, keyPrefix: `${namespace}limit:${name}` };
      const memory = new RateLimiterMemory(options);
      if (redis === null || !shared) return memory;
      return new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory });
    };
    this.#limiters = Object.fromEntries(
      (Object.keys(allowances) as LimitName[]).map((name) => [name, make(name)]),
    ) as Record<LimitName, RateLimiterAbstract>;
  }

  /** Counts one request of `who`. Resolves to the `RateLimit-*` headers. Throws `TOO_MANY_REQUESTS`. */
  async take(name: LimitName, who: string): Promise<Record<string, string>> {
    const limiter = this.#limiters[name];
    try {
      return headersOf(limiter, await limiter.consume(who));
    } catch (result) {
      if (!(result instanceof RateLimiterRes)) throw result;
      const headers = headersOf(limiter, result);
      headers["retry-after"] = headers["ratelimit-reset"];
      throw new Problem("TOO_MANY_REQUESTS", undefined, { headers });
    }
  }

  /** Counts an attempt to log in. Throws `TOO_MANY_REQUESTS`. */
  async takePasswordAttempt(foldedEmail: string, address: string): Promise<void> {
    const account = this.#accountOf(foldedEmail);
    await this.take("password", `${account}:${networkOf(address)}`);
    await this.take("account", account);
  }

  /** Counts a message to an e-mail address, whether or not the address has an account. Throws `TOO_MANY_REQUESTS`. */
  async takeReset(foldedEmail: string): Promise<void> {
    await this.take("reset", this.#accountOf(foldedEmail));
  }

  /** A keyed hash, so that the address itself never reaches a counter. */
  #accountOf(foldedEmail: string): string {
    return createHmac("sha256", this.#secret).update(foldedEmail).digest("base64url");
  }
}

function headersOf(
  limiter: RateLimiterAbstract,
  { remainingPoints, msBeforeNext }: RateLimiterRes,
): Record<string, string> {
  return {
    "ratelimit-limit": String(limiter.points),
    "ratelimit-remaining": String(Math.max(0, remainingPoints)),
    "ratelimit-reset": String(Math.max(1, Math.ceil(msBeforeNext / 1000))),
  };
}

/** The unit by which addresses are counted. A client with one IPv6 address usually has its whole /64 network. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const ip = ipaddr.process(address);
  if (ip.kind() === "ipv4") return ip.toString();
  const [network] = address.split("%");
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${network}/64`)}/64`;
}

export const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
