/**
 * Verifies the tokens of one of a studio's own issuers (`AUTH_ISSUER`) against its published keys, and returns the player's id at that
 * issuer.
 */
import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { TokenError } from "../auth/Tokens.ts";

/** Asymmetric algorithms only: a shared key would have to be known to this server too, and `none` means no signature. */
export const ALGORITHMS = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const CLOCK_TOLERANCE_SECONDS = 30;

export interface StudioSubject {
  readonly issuer: string;
  readonly subject: string;
  /** Unix ms; 0 if the token has no `iat`. */
  readonly issuedAt: number;
}

interface StudioTokensOptions {
  /** The `aud` claim that a token needs (`AUTH_AUDIENCE`); undefined: none. */
  readonly audience?: string;
  /** Unix ms. */
  readonly now?: () => number;
}

export class StudioTokens {
  readonly issuer: string;
  readonly #audience: string | undefined;
  readonly #keys: JWTVerifyGetKey;
  readonly #now: () => number;

  /** `keys`: the URL where the issuer publishes its keys (`AUTH_JWKS_URL`). They are fetched when first needed. */
  constructor(issuer: string, keys: URL | JWTVerifyGetKey, { audience, now = Date.now }: StudioTokensOptions = {}) {
    this.issuer = issuer;
    this.#audience = audience;
    this.#keys = keys instanceof URL ? createRemoteJWKSet(keys) : keys;
    this.#now = now;
  }

  /** Whether the token names this issuer. The signature is not checked. */
  isFromIssuer(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.issuer;
    } catch {
      return false;
    }
  }

  /** Throws `TokenError` if the token is invalid or has expired, and any other error if the keys cannot be fetched. */
  async verify(token: string): Promise<StudioSubject> {
    try {
      const options = {
        ...{ issuer: this.issuer, audience: this.#audience },
        algorithms: ALGORITHMS,
        currentDate: new Date(this.#now()),
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["sub", "exp"],
      };
      const { payload } = await jwtVerify(token, this.#keys, options);
      if (payload.sub === undefined || payload.sub === "" || payload.sub.length > 255)
        throw new TokenError("TOKEN_INVALID");
      return { issuer: this.issuer, subject: payload.sub, issuedAt: (payload.iat ?? 0) * 1000 };
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw new TokenError("TOKEN_EXPIRED");
      const unreachable = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout;
      if (unreachable || error.code === "ERR_JOSE_GENERIC") throw error;
      throw new TokenError("TOKEN_INVALID");
    }
  }
}
