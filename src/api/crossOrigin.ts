/** Which pages of other origins may call the API, and which headers they may send and read (CORS). */
import type { IncomingMessage, ServerResponse } from "node:http";
import cors from "cors";

const common = {
  methods: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
  allowedHeaders: ["Authorization", "Content-Type", "If-None-Match", "Last-Event-ID"],
  exposedHeaders: ["ETag", "Location", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"],
  maxAge: 600,
  // The library would answer every OPTIONS, also one that is not a preflight.
  preflightContinue: true,
};

/** Routes for players, which know a player by the token in a header, and never by what a browser adds by itself. */
const FOR_PLAYERS = /^\/(api|auth|matchmake)\//;

/** Routes that only pages of this server may use, whatever CORS_ORIGINS says. */
const FOR_OPERATORS = /^\/admin\//;

/** Sets the headers that permit the page to read the response. Answers preflight requests; returns whether it was one. */
export type CrossOrigin = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * `*` allows any origin. The SDK sends every request with credentials, which browsers permit only if the response names the origin and
 * allows them. On other routes they stay forbidden: a browser would add an operator's password.
 */
export function crossOrigin(origins: readonly string[]): CrossOrigin {
  const isAny = origins.includes("*");
  const forPlayers = cors({ ...common, origin: isAny ? true : [...origins], credentials: true });
  const forOthers = cors({ ...common, origin: isAny ? "*" : [...origins] });
  return (request, response) => {
    const { url = "", method, headers } = request;
    if (FOR_OPERATORS.test(url)) {
      response.setHeader("cross-origin-resource-policy", "same-origin");
      return false;
    }
    (FOR_PLAYERS.test(url) ? forPlayers : forOthers)(request, response, () => {});
    const isPreflight = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
    if (isPreflight) response.writeHead(204).end();
    return isPreflight;
  };
}
