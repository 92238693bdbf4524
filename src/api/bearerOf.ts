import type { IncomingMessage } from "node:http";

/** Returns the bearer token of a request, unchecked; null if there is none. */
export function bearerOf({ headers }: IncomingMessage): string | null {
  return /^Bearer +([^\s]+) *$/i.exec(headers.authorization ?? "")?.[1] ?? null;
}
