/** Operators whose tokens come from an OpenID Connect issuer, such as the studio's own sign-in. */
import type { JWTPayload } from "jose";
import { IssuedTokens, type IssuedTokensOptions, KeysUnavailable } from "../../players/identity/IssuedTokens.ts";
import { Problem } from "../problems.ts";
import { RETRY } from "../toProblem.ts";
import { OPERATOR_ROLES, type Operator } from "./Operator.ts";

interface OperatorIssuerOptions extends IssuedTokensOptions {
  /** A token that the issuer has issued for another program is not accepted. */
  readonly audience: string;
  /** The claim with the role, or with a list that contains it. Dots lead into nested objects: `realm_access.roles`. */
  readonly roleClaim: string;
}

const KEYS_UNAVAILABLE =
  "OPERATOR_JWKS_URL is unavailable, so the token cannot be checked. Try again later, or sign in with a name and a password.";

export interface IssuedOperator {
  readonly operator: Operator;
  /** The end of the token, in Unix ms. */
  readonly expiresAt: number;
}

export class OperatorIssuer {
  readonly #tokens: IssuedTokens;
  readonly #roleClaim: string;

  constructor({ roleClaim, ...options }: OperatorIssuerOptions) {
    this.#tokens = new IssuedTokens(options);
    this.#roleClaim = roleClaim;
  }

  /** Null if the token is invalid or contains no role. Rejects with `UNAVAILABLE` if the keys are unavailable. */
  async operatorOf(token: string): Promise<IssuedOperator | null> {
    const payload = await this.#tokens.verify(token).catch((error) => {
      if (error instanceof KeysUnavailable) throw new Problem("UNAVAILABLE", KEYS_UNAVAILABLE, RETRY);
      return null;
    });
    if (payload === null) return null;
    const given = [claimOf(payload, this.#roleClaim)].flat();
    const role = OPERATOR_ROLES.findLast((candidate) => given.includes(candidate));
    if (role === undefined) return null;
    // With the prefix, the name differs from all names in OPERATORS_FILE.
    return { operator: { name: `oidc:${payload.sub}`, role }, expiresAt: payload.exp! * 1000 };
  }
}

function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split(".").reduce<any>((value, part) => value?.[part], payload);
}
