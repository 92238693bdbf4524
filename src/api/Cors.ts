/** Owns which pages of other origins may call the API, and what they may see. */
import type { IncomingMessage } from "node:http";

const EXPOSED = "ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After";

export class Cors {
  readonly #origins: ReadonlySet<string>;

  /** `*` for any. Tokens travel in a header that pages set themselves, never in cookies, so no credentials are allowed. */
  constructor(origins: readonly string[]) {
    this.#origins = new Set(origins);
  }

  headersFor({ headers }: IncomingMessage): Record<string, string> {
    const { origin } = headers;
    const any = this.#origins.has("*");
    if (origin === undefined || !(any || this.#origins.has(origin))) return any ? {} : { vary: "Origin" };
    return {
      "access-control-allow-origin": any ? "*" : origin,
      "access-control-expose-headers": EXPOSED,
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, If-None-Match, Last-Event-ID",
      "access-control-max-age": "600",
      ...(!any && { vary: "Origin" }),
    };
  }

  isPreflight({ method, headers }: IncomingMessage): boolean {
    return method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
  }
}
