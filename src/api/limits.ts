/**
 * Rate limits. A request counts for its player, if it has a valid token, and for its address, which may be that of a school or a
 * mobile network, so it has a much larger limit. Reads are counted in each process. All other requests are counted in Redis, if
 * there is one, and in the process while Redis is unavailable.
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
 * `join`: requests to `/matchmake`. `password`: password attempts for one account from one address. `account`: password attempts
 * for one account from all addresses together. `failure`: wrong passwords and the like from one address, for all accounts together.
 * `reset`: messages to one e-mail address. `operator`: requests to `/admin` of one operator from one address.
 */
const allowances = {
  join: { points: 60, seconds: 60, shared: true },
  read: { points: 600, seconds: 60, shared: false },
  write: { points: 60, seconds: 60, shared: true },
  signIn: { points: 30, seconds: 60, shared: true },
  export: { points: 5, seconds: 60, shared: true },
  operator: { points: 20, seconds: 60, shared: true },
  password: { points: 10, seconds: 900, shared: true },
  account: { points: 100, seconds: 3600, shared: true },
  failure: { points: 30, seconds: 60, shared: true },
  reset: { points: 4, seconds: 3600, shared: true },
} as const satisfies Record<string, Allowance>;

export type LimitName = keyof typeof allowances;

type Limiters = Record<LimitName, RateLimiterAbstract>;

interface LimitsOptions {
  readonly redis: Redis | null;
  readonly namespace: string;
  /**
   * Keys of the hashes by which e-mail addresses appear in counter keys, so that nobody can read the addresses there: JWT_SECRET and
   * JWT_ACCEPTED_SECRETS. An attempt counts under each, so processes that have one of them in common count together while the secret
   * is changed.
   */
  readonly secrets: readonly string[];
  /** Requests to `/matchmake` that one player may send per minute. */
  readonly joinsPerMinute?: number;
  /** An address may send this many times what one player may. */
  readonly addressFactor?: number;
  /** Multiplies all allowances. For tests and load tests. */
  readonly factor?: number;
}

export class Limits {
  /** By player, account or e-mail address, or by address for limits that are for addresses only. */
  readonly #limiters: Limiters;
  /** By address: of all players there together, and of all requests without a player. */
  readonly #addressLimiters: Limiters;
  readonly #secrets: readonly string[];

  constructor(options: LimitsOptions) {
    const { redis, namespace, secrets, addressFactor = 50, factor = 1 } = options;
    this.#secrets = [...new Set(secrets)];
    const join = { ...allowances.join, points: options.joinsPerMinute ?? allowances.join.points };
    const make = (name: LimitName, group: string, times: number): RateLimiterAbstract => {
      const { points, seconds, shared }: Allowance = { ...allowances, join }[name];
      const keyPrefix = `${namespace}limit:${group}${name}`;
      return openLimiter({ redis: shared ? redis : null, keyPrefix, points: points * times * factor, seconds });
    };
    const makeAll = (group: string, times: number) =>
      Object.fromEntries(
        (Object.keys(allowances) as LimitName[]).map((name) => [name, make(name, group, times)]),
      ) as Limiters;
    this.#limiters = makeAll("", 1);
    this.#addressLimiters = makeAll("address:", addressFactor);
  }

  /**
   * Counts a request for its player and its address, or only for its address if `playerId` is null. Requests with and without a
   * player count apart, so that the former stay possible while an address floods the server with the latter. A request that is
   * refused for its player does not count for its address. Resolves to the `RateLimit-*` headers of the player, or else of the
   * address. Throws `TOO_MANY_REQUESTS`.
   */
  async takeRequest(name: LimitName, playerId: string | null, address: string): Promise<Record<string, string>> {
    const headers = playerId === null ? null : await this.take(name, playerId);
    const network = `${playerId === null ? "" : "players:"}${networkOf(address)}`;
    const ofAddress = await consume(this.#addressLimiters[name], network);
    return headers ?? ofAddress;
  }

  /** Counts one request of `who`. Resolves to the `RateLimit-*` headers. Throws `TOO_MANY_REQUESTS`. */
  async take(name: LimitName, who: string): Promise<Record<string, string>> {
    return consume(this.#limiters[name], who);
  }

  /** Counts an attempt to log in. Throws `TOO_MANY_REQUESTS`. */
  async takePasswordAttempt(foldedEmail: string, address: string): Promise<void> {
    for (const account of this.#accountsOf(foldedEmail)) {
      await this.take("password", `${account}:${networkOf(address)}`);
      await this.take("account", account);
    }
  }

  /**
   * Runs `work`, and counts if it fails by an error that `isFailure`. Does not run it if this address has failed too often. Throws
   * `TOO_MANY_REQUESTS`.
   */
  async countFailures<T>(address: string, isFailure: (error: unknown) => boolean, work: () => Promise<T>): Promise<T> {
    const limiter = this.#limiters.failure;
    const network = networkOf(address);
    const failed = await limiter.get(network);
    if (failed !== null && failed.consumedPoints >= limiter.points) throw tooMany(limiter, failed);
    try {
      return await work();
    } catch (error) {
      if (isFailure(error)) await limiter.penalty(network);
      throw error;
    }
  }

  /** Counts a message to an e-mail address, whether or not the address has an account. Throws `TOO_MANY_REQUESTS`. */
  async takeReset(foldedEmail: string): Promise<void> {
    for (const account of this.#accountsOf(foldedEmail)) await this.take("reset", account);
  }

  /** Keyed hashes, so that the address itself never reaches a counter. */
  #accountsOf(foldedEmail: string): string[] {
    return this.#secrets.map((secret) => createHmac("sha256", secret).update(foldedEmail).digest("base64url"));
  }
}

interface LimiterOptions {
  /** Null: this process counts for itself. */
  readonly redis: Redis | null;
  readonly keyPrefix: string;
  readonly points: number;
  readonly seconds: number;
}

/** Counts in Redis, and in the process while Redis is unavailable. */
export function openLimiter({ redis, keyPrefix, points, seconds }: LimiterOptions): RateLimiterAbstract {
  const options = { keyPrefix, points, duration: seconds };
  const memory = new RateLimiterMemory(options);
  if (redis === null) return memory;
  return new RateLimiterRedis({ ...options, storeClient: redis, insuranceLimiter: memory });
}

/** Resolves to the `RateLimit-*` headers. Throws `TOO_MANY_REQUESTS`. */
export async function consume(limiter: RateLimiterAbstract, who: string): Promise<Record<string, string>> {
  try {
    return headersOf(limiter, await limiter.consume(who));
  } catch (result) {
    throw result instanceof RateLimiterRes ? tooMany(limiter, result) : result;
  }
}

function tooMany(limiter: RateLimiterAbstract, result: RateLimiterRes): Problem {
  const headers = headersOf(limiter, result);
  headers["retry-after"] = headers["ratelimit-reset"];
  return new Problem("TOO_MANY_REQUESTS", undefined, { headers });
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

/**
 * The headers of a refusal because a client already has as many rooms, seats and the like as `limit` allows. `seconds`: when to try
 * again.
 */
export function headersAtLimit(limit: number, seconds: number): Record<string, string> {
  const reset = String(seconds);
  return {
    "ratelimit-limit": String(limit),
    "ratelimit-remaining": "0",
    "ratelimit-reset": reset,
    "retry-after": reset,
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
