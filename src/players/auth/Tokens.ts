/**
 * The signed tokens (JWT) that identify players. A token holds a random player id, the kind of sign-in, a version, an expiry
 * time, and the issuer and audience that all players share. Add nothing else about a player, because anyone who has a token
 * can read it.
 */
import {
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
  SignJWT,
} from "jose";
import * as z from "zod";
import { keyIdOf } from "./keyIdOf.ts";

const ALGORITHM = "HS256";

/** The `iss` of the server's own tokens. */
const ISSUER = "hypogeum";

/** `all`: everything that the player may do. `join`: only to join rooms. */
export type TokenUse = "all" | "join";

const AUDIENCES: Readonly<Record<TokenUse, string>> = { all: "hypogeum", join: "hypogeum:join" };
export const LIFETIME_SECONDS: Readonly<Record<TokenUse, number>> = { all: 30 * 24 * 3600, join: 60 };

const claims = z.object({
  sub: z.string().min(1).max(64),
  kind: z.enum(["anonymous", "account"]),
  ver: z.int().min(0),
  exp: z.int(),
  iss: z.string().optional(),
  aud: z.string().optional(),
});

export interface TokenSubject {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** The token version of the player. Raising it revokes all tokens issued so far. Default: 0. */
  readonly version?: number;
  /** Default: `all`. */
  readonly use?: TokenUse;
}

type TokenProblem = "TOKEN_MISSING" | "TOKEN_INVALID" | "TOKEN_EXPIRED" | "TOKEN_REVOKED" | "TOKEN_JOIN_ONLY";

export class TokenError extends Error {
  readonly refusal: TokenProblem;

  constructor(refusal: TokenProblem) {
    super(refusal);
    this.refusal = refusal;
  }
}

interface TokensOptions {
  /** Further keys whose tokens are valid: those that are being replaced, or will be used soon. */
  readonly accepted?: readonly string[];
  /** Unix ms. */
  readonly now?: () => number;
}

export class Tokens {
  readonly #keyId: string;
  /** The first signs. */
  readonly #keys: ReadonlyMap<string, Uint8Array>;
  readonly #now: () => number;

  /** `secret`: the key that signs; at least 32 characters, as each of `accepted`. */
  constructor(secret: string, { accepted = [], now = Date.now }: TokensOptions = {}) {
    this.#keyId = keyIdOf(secret);
    this.#keys = new Map([secret, ...accepted].map((key) => [keyIdOf(key), new TextEncoder().encode(key)]));
    this.#now = now;
  }

  sign({ playerId, kind, version = 0, use = "all" }: TokenSubject, lifetimeSeconds?: number): Promise<string> {
    return new SignJWT({ kind, ver: version })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.#keyId })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCES[use])
      .setSubject(playerId)
      .setExpirationTime(Math.floor(this.#now() / 1000) + (lifetimeSeconds ?? LIFETIME_SECONDS[use]))
      .sign(this.#keys.get(this.#keyId)!);
  }

  /**
   * Throws `TokenError` if the token is missing, malformed, wrongly signed or expired. The caller must check version and use.
   */
  async verify(token: string | undefined | null): Promise<Required<TokenSubject>> {
    if (!token) throw new TokenError("TOKEN_MISSING");
    const { payload, hasKeyId } = await this.#read(token);
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw new TokenError("TOKEN_INVALID");
    const { sub, kind, ver, iss, aud } = parsed.data;
    return { playerId: sub, kind, version: ver, use: useOf(iss, aud, hasKeyId) };
  }

  async #read(token: string): Promise<{ payload: JWTPayload; hasKeyId: boolean }> {
    try {
      const { kid } = decodeProtectedHeader(token);
      const options = { algorithms: [ALGORITHM], currentDate: new Date(this.#now()) };
      const ids = kid === undefined ? [...this.#keys.keys()] : [kid];
      const { payload } = await this.#verifyBy(ids, token, options);
      return { payload, hasKeyId: kid !== undefined };
    } catch (error) {
      throw new TokenError(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
    }
  }

  /** Tries the keys in turn. */
  async #verifyBy(
    [id, ...further]: readonly string[],
    token: string,
    options: JWTVerifyOptions,
  ): Promise<JWTVerifyResult> {
    const key = this.#keys.get(id);
    if (key === undefined) throw new TokenError("TOKEN_INVALID");
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (further.length > 0 && error instanceof errors.JWSSignatureVerificationFailed)
        return this.#verifyBy(further, token, options);
      throw error;
    }
  }
}

/** Tokens without a key id were issued by earlier versions, which set no issuer and no audience. */
function useOf(iss: string | undefined, aud: string | undefined, hasKeyId: boolean): TokenUse {
  if (!hasKeyId && iss === undefined && aud === undefined) return "all";
  const use = Object.entries(AUDIENCES).find(([, audience]) => audience === aud)?.[0] as TokenUse | undefined;
  if (!hasKeyId || iss !== ISSUER || use === undefined) throw new TokenError("TOKEN_INVALID");
  return use;
}
