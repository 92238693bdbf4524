/** Authenticates the operator by HTTP basic authentication. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { digest } from "./limits.ts";
import { Problem } from "./problems.ts";

export interface Operator {
  readonly user: string;
  readonly password: string;
}

/** Headers of a refusal: browsers then ask for name and password. */
export const CHALLENGE = { "www-authenticate": 'Basic realm="operator", charset="UTF-8"' } as const;

export function isOperator(operator: Operator | null, { headers }: IncomingMessage): boolean {
  const given = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(headers.authorization ?? "")?.[1];
  if (operator === null || given === undefined) return false;
  const credentials = Buffer.from(given, "base64").toString("utf8");
  return timingSafeEqual(digest(credentials), digest(`${operator.user}:${operator.password}`));
}

/** Throws `OPERATOR_ONLY`. */
export function requireOperator(operator: Operator | null, request: IncomingMessage): void {
  if (!isOperator(operator, request)) throw new Problem("OPERATOR_ONLY", undefined, { headers: CHALLENGE });
}
