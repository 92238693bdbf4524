/**
 * Remembers correct credentials: hashing a password is slow on purpose, and the monitor sends a request every few seconds. Guesses are
 * counted in Redis, which may not answer.
 */
import { LRUCache } from "lru-cache";
import { digest } from "../limits.ts";
import type { Operator } from "./Operator.ts";
import type { IssuedOperator } from "./OperatorIssuer.ts";

/** A password is remembered while it is used. */
const PASSWORD_MS = 60_000;
/** An accepted token of an issuer is not checked again for this time, unless it expires before. */
const TOKEN_MS = 600_000;
const PLACES_MAX = 1000;
const TOKENS_MAX = 1000;

/** A correct password. */
export interface CheckedPassword {
  readonly name: string;
  /** The hash for which the password was checked: if the hash changes, the password must be checked again. Null for ADMIN_PASSWORD. */
  readonly hash: string | null;
}

export class RememberedCredentials {
  readonly #now: () => number;
  /** By place, then by the digests of name and password. */
  readonly #passwords = new LRUCache<string, ReadonlyMap<string, CheckedPassword>>({
    ...{ max: PLACES_MAX, ttl: PASSWORD_MS, updateAgeOnGet: true },
  });
  /** By the digests of tokens, which nobody can guess. */
  readonly #tokens = new LRUCache<string, IssuedOperator>({ max: TOKENS_MAX, ttl: TOKEN_MS });

  /** `now`: Unix ms. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** `place`: an address, so that guesses from elsewhere are never compared with what is remembered. */
  passwordAt(place: string, credentials: string): CheckedPassword | null {
    return this.#passwords.get(place)?.get(keyOf(credentials)) ?? null;
  }

  /**
   * Remembers the result of `check`, unless it is null. Until then, nothing is remembered for the place, and after null neither: else
   * guesses would not be counted.
   */
  async rememberPassword(
    place: string,
    credentials: string,
    check: () => Promise<CheckedPassword | null>,
  ): Promise<CheckedPassword | null> {
    const before = this.#passwords.get(place) ?? [];
    this.#passwords.delete(place);
    const found = await check();
    if (found === null) return null;
    const meanwhile = this.#passwords.get(place) ?? [];
    this.#passwords.set(place, new Map([...before, ...meanwhile, [keyOf(credentials), found]]));
    return found;
  }

  /** Null if the token is not remembered, or has expired. */
  operatorOfToken(token: string): Operator | null {
    const issued = this.#tokens.get(keyOf(token));
    return issued === undefined || issued.expiresAt <= this.#now() ? null : issued.operator;
  }

  rememberToken(token: string, issued: IssuedOperator): void {
    this.#tokens.set(keyOf(token), issued);
  }
}

const keyOf = (credentials: string) => digest(credentials).toString("base64");
