/** Owns who the operator is: HTTP basic authentication against the configured name and password. */

import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { digest } from "./limits.ts";
import { Problem } from "./problems.ts";

export interface Operator {
  readonly user: string;
  readonly password: string;
}

const CHALLENGE = { headers: { "www-authenticate": 'Basic realm="operator", charset="UTF-8"' } };

/** Throws `OPERATOR_ONLY`. */
export function requireOperator(operator: Operator | null, { headers }: IncomingMessage): void {
  const given = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (operator !== null && given !== undefined) {
    const credentials = Buffer.from(given, "base64").toString("utf8");
    if (timingSafeEqual(digest(credentials), digest(`${operator.user}:${operator.password}`))) return;
  }
  throw new Problem("OPERATOR_ONLY", undefined, CHALLENGE);
}
