/**
 * Verifies the tokens of one of a studio's own issuers (`AUTH_ISSUER`, `AUTH_JWKS_URL`, `AUTH_AUDIENCE`), and returns the player's id at
 * that issuer.
 */
import { decodeJwt, errors } from "jose";
import { TokenError } from "../auth/Tokens.ts";
import { IssuedTokens, type IssuedTokensOptions, KeysUnavailable } from "./IssuedTokens.ts";

export interface StudioSubject {
  readonly issuer: string;
  readonly subject: string;
  /** Unix ms; 0 if the token has no `iat`. */
  readonly issuedAt: number;
}

export class StudioTokens {
  readonly issuer: string;
  readonly #tokens: IssuedTokens;

  constructor(options: IssuedTokensOptions) {
    this.issuer = options.issuer;
    this.#tokens = new IssuedTokens(options);
  }

  /** Whether the token names this issuer. The signature is not checked. */
  isFromIssuer(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.issuer;
    } catch {
      return false;
    }
  }

  /** Throws `TokenError` if the token is invalid or has expired, and `KeysUnavailable`. */
  async verify(token: string): Promise<StudioSubject> {
    const { sub = "", iat = 0 } = await this.#tokens.verify(token).catch((error) => {
      if (error instanceof KeysUnavailable) throw error;
      throw new TokenError(error instanceof errors.JWTExpired ? "TOKEN_EXPIRED" : "TOKEN_INVALID");
    });
    if (sub === "" || sub.length > 255) throw new TokenError("TOKEN_INVALID");
    return { issuer: this.issuer, subject: sub, issuedAt: iat * 1000 };
  }
}
