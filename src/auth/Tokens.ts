/**
 * Owns the tokens by which people are known: signed, and holding who it is (a random id), the kind of sign-in, a version
 * and an expiry. Nothing else about a person is ever in them.
 */
import { errors, jwtVerify, SignJWT } from "jose";
import * as z from "zod";

const ALGORITHM = "HS256";
/** Raised when the meaning of the claims changes; tokens of another version are refused. */
const VERSION = 1;

export const LIFETIME_SECONDS = 30 * 24 * 3600;

const claims = z.object({
  sub: z.string().min(1).max(64),
  kind: z.enum(["anonymous", "account"]),
  ver: z.literal(VERSION),
  exp: z.int(),
});

export interface TokenSubject {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
}

export type TokenProblem = "TOKEN_MISSING" | "TOKEN_INVALID" | "TOKEN_EXPIRED";

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

  sign({ playerId, kind }: TokenSubject, lifetimeSeconds = LIFETIME_SECONDS): Promise<string> {
    return new SignJWT({ kind, ver: VERSION })
      .setProtectedHeader({ alg: ALGORITHM })
      .setSubject(playerId)
      .setExpirationTime(Math.floor(this.now() / 1000) + lifetimeSeconds)
      .sign(this.key);
  }

  /** Throws `TokenError`. */
  async verify(token: string | undefined | null): Promise<TokenSubject> {
    if (!token) throw new TokenError("TOKEN_MISSING");
    const payload = await this.read(token);
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw new TokenError("TOKEN_INVALID");
    return { playerId: parsed.data.sub, kind: parsed.data.kind };
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
