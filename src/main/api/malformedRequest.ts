/**
 * Requests that no client of a game sends, but that libraries behind this server cannot handle: some build a URL of the host and the
 * target, which throws if either of them is malformed, or gives a URL with another path than the one that was checked.
 */
import type { IncomingMessage } from "node:http";

const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;
const SCHEME = /^https?$/;

/** Returns a sentence about what is malformed; null if nothing is. */
export function malformation({ method, url = "", headers }: IncomingMessage): string | null {
  if (!url.startsWith("/") && !(method === "OPTIONS" && url === "*"))
    return "the request target must begin with a slash";
  const { host } = headers;
  if (host !== undefined && !(HOST.test(host) && URL.canParse(`http://${host}`)))
    return "the header Host must be a host name or an IP address, with or without a port";
  return null;
}

/** Removes what a client may claim about its URL, unless it is one of the values that proxies send. */
export function dropUnknownScheme({ headers }: IncomingMessage): void {
  const forwarded = headers["x-forwarded-proto"];
  if (forwarded !== undefined && !SCHEME.test(String(forwarded))) delete headers["x-forwarded-proto"];
}
