/** Operators whose tokens come from an OpenID Connect issuer, such as the studio's own sign-in. */
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { ALGORITHMS } from "../../players/identity/StudioTokens.ts";
import { OPERATOR_ROLES, type Operator } from "./Operator.ts";

interface OperatorIssuerOptions {
  readonly issuer: string;
  /** The URL where the issuer publishes its keys. They are fetched when first needed. */
  readonly keys: URL | JWTVerifyGetKey;
  /** The `aud` claim that a token needs: a token that the issuer has issued for another program is not accepted. */
  readonly audience: string;
  /** The claim with the role, or with a list that contains it. Dots lead into nested objects: `realm_access.roles`. */
  readonly roleClaim: string;
  readonly now?: () => number;
}

const CLOCK_TOLERANCE_SECONDS = 30;

export interface IssuedOperator {
  readonly operator: Operator;
  /** The end of the token, in Unix ms. */
  readonly expiresAt: number;
}

export class OperatorIssuer {
  readonly #options: OperatorIssuerOptions;
  readonly #keys: JWTVerifyGetKey;

  constructor(options: OperatorIssuerOptions) {
    this.#options = options;
    this.#keys = options.keys instanceof URL ? createRemoteJWKSet(options.keys) : options.keys;
  }

  /** Null if the token is invalid or contains no role. Rejects if the keys cannot be fetched. */
  async operatorOf(token: string): Promise<IssuedOperator | null> {
    const { issuer, audience, roleClaim, now = Date.now } = this.#options;
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        ...{ issuer, audience, algorithms: ALGORITHMS },
        currentDate: new Date(now()),
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ["sub", "exp"],
      });
      const given = [claimOf(payload, roleClaim)].flat();
      const role = OPERATOR_ROLES.findLast((candidate) => given.includes(candidate));
      // With the prefix, the name differs from all names in OPERATORS_FILE.
      if (role === undefined) return null;
      return { operator: { name: `oidc:${payload.sub}`, role }, expiresAt: payload.exp! * 1000 };
    } catch (error) {
      const unreachable = !(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout;
      if (unreachable || error.code === "ERR_JOSE_GENERIC") throw error;
      return null;
    }
  }
}

function claimOf(payload: JWTPayload, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  return name.split(".").reduce<any>((value, part) => value?.[part], payload);
}
