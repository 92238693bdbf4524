import type { IncomingMessage } from "node:http";

/** Name and password with a colon between them; null if there are none. */
export function basicCredentialsOf({ headers }: IncomingMessage): string | null {
  const given = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(headers.authorization ?? "")?.[1];
  return given === undefined ? null : Buffer.from(given, "base64").toString("utf8");
}

/** Returns name and password. */
export function splitAtColon(credentials: string): [string, string] {
  const at = credentials.indexOf(":");
  return at < 0 ? [credentials, ""] : [credentials.slice(0, at), credentials.slice(at + 1)];
}
