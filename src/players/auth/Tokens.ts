/**
 * The signed tokens (JWT) that identify players. A token holds a random player id, the kind of sign-in, a version and an expiry
 * time. Add nothing else about a player, because anyone who has a token can read it.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";

const ALGORITHM = "HS256";

const LIFETIME_SECONDS = 30 * 24 * 3600;

const claims = z.object({
  sub: z.string().min(1).max(64),
  kind: z.enum(["anonymous", "account"]),
  ver: z.int().min(0),
  exp: z.int(),
});

export interface TokenSubject {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** The token version of the player. Raising it revokes all tokens issued so far. Default: 0. */
  readonly version?: number;
}

type TokenProblem = "TOKEN_MISSING" | "TOKEN_INVALID" | "TOKEN_EXPIRED" | "TOKEN_REVOKED";

export class TokenError extends Error {
  readonly refusal: TokenProblem;

  constructor(refusal: TokenProblem) {
    super(refusal);
    this.refusal = refusal;
  }
}

export class Tokens {
  private readonly key: Uint8Array;
  private readonly now: () => number;

  /** `secret`: at least 32 characters. `now`: Unix ms. */
  constructor(secret: string, now: () => number = Date.now) {
    this.key = new TextEncoder().encode(secret);
    this.now = now;
  }

  sign({ playerId, kind, version = 0 }: TokenSubject, lifetimeSeconds = LIFETIME_SECONDS): Promise<string> {
    return new SignJWT({ kind, ver: version })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(playerId)
      .setExpirationTime(Math.floor(this.now() / 1000) + lifetimeSeconds)
      .sign(this.key);
  }

  /** Throws `TokenError` if the token is missing, malformed, wrongly signed or expired. The caller must check the version. */
  async verify(token: string | undefined | null): Promise<Required<TokenSubject>> {
    if (!token) throw new TokenError("TOKEN_MISSING");
    const payload = await this.read(token);
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw new TokenError("TOKEN_INVALID");
    const { sub, kind, ver } = parsed.data;
    return { playerId: sub, kind, version: ver };
  }

  private async read(token: string): Promise<unknown> {
    try {
      const currentDate = new Date(this.now());
      return (await jwtVerify(token, this.key, { algorithms: [ALGORITHM], currentDate })).payload;
    } catch (error) {
      throw new TokenError(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
    }
  }
}
