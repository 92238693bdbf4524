/**
 * Limits on guesses of operators' credentials: by address, and by name over all addresses, so that many addresses guess no faster.
 * An address from which an operator has signed in is exempt from the limit by that name: nobody can lock the operator out there by
 * guesses from elsewhere.
 */
import type { Redis } from "ioredis";
import type { RateLimiterAbstract } from "rate-limiter-flexible";
import { consume, digest, networkOf, openLimiter } from "../limits.ts";

/** Credentials that are about to be checked. */
export interface Guess {
  /** Counted apart: monitors with a wrong password, which only read the readiness, keep nobody from the operators' tools. */
  readonly at: "tools" | "readiness";
  readonly address: string;
  /** Null for a bearer token, which names nobody. */
  readonly name: string | null;
}

interface GuessLimitsOptions {
  /** Null: guesses are counted in this process. */
  readonly redis: Redis | null;
  readonly namespace: string;
  /** Multiplies the limits, for tests. */
  readonly factor?: number;
}

const ADDRESS = { points: 20, seconds: 60 };
/** High enough that one address needs several minutes to keep an operator from signing in at a new address. */
const NAME = { points: 100, seconds: 3600 };
/** Below 24 days, the longest time of a timer, which counters in memory use. */
const KNOWN_SECONDS = 14 * 86_400;

export class GuessLimits {
  readonly #byAddress: RateLimiterAbstract;
  readonly #byName: RateLimiterAbstract;
  /** Has a value for each name and address of a sign-in. */
  readonly #signIns: RateLimiterAbstract;

  constructor({ redis, namespace, factor = 1 }: GuessLimitsOptions) {
    const open = (name: string, { points, seconds }: typeof ADDRESS) =>
      openLimiter({ redis, keyPrefix: `${namespace}limit:${name}`, points: points * factor, seconds });
    this.#byAddress = open("guess", ADDRESS);
    this.#byName = open("guessOfName", NAME);
    this.#signIns = open("operatorAddress", { points: 1, seconds: KNOWN_SECONDS });
  }

  /**
   * Runs `work`, and counts a guess if it resolves to null. Counts before `work` runs, so that parallel guesses count too. `isKnown`:
   * whether this operator has signed in from this address within 14 days. Throws `TOO_MANY_REQUESTS`, without running `work`, if there
   * were too many guesses.
   */
  async count<T>({ at, address, name }: Guess, work: (isKnown: boolean) => Promise<T | null>): Promise<T | null> {
    const network = networkOf(address);
    const ofAddress = `${at}:${network}`;
    const ofName = name === null ? null : `${at}:${keyOf(name)}`;
    const ofBoth = name === null ? null : keyOf(`${network} ${name}`);
    const [signIn] = await Promise.all([
      ofBoth === null ? null : this.#signIns.get(ofBoth),
      consume(this.#byAddress, ofAddress),
    ]);
    const isKnown = signIn !== null;
    const limited = isKnown ? null : ofName;
    if (limited !== null) await consume(this.#byName, limited);
    // Not awaited: a Redis that does not answer would delay the request.
    const uncount = () => {
      this.#byAddress.reward(ofAddress).catch(ignore);
      if (limited !== null) this.#byName.reward(limited).catch(ignore);
    };
    const found = await work(isKnown).catch((error) => {
      // The credentials were not checked.
      uncount();
      throw error;
    });
    if (found === null) return null;
    uncount();
    if (ofBoth !== null) this.#signIns.set(ofBoth, 1, KNOWN_SECONDS).catch(ignore);
    return found;
  }
}

const ignore = () => {};

/** Of fixed length, because the client chooses the name. */
const keyOf = (text: string) => digest(text).toString("base64url");
