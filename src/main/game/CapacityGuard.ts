/**
 * Owns the answer to who asks for a seat in a process that is overloaded, before the framework's matchmaking is asked: what a
 * refusal costs is lost to those inside, and the more are refused, the more come back.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { matchMaker } from "@colyseus/core";
import { refusals } from "../../../schema/codes.ts";
import type { HttpHandler } from "../api/HttpServer.ts";

/** Of all requests to the framework, those for a new seat; who comes back to one is not asked. */
const ASKS_FOR_SEAT = /^\/matchmake\/(?!reconnect\/)/;
const RETRY_SECONDS = 2;

const { code, meaning } = refusals.SERVER_BUSY;
/** As the framework answers a refusal. */
const BODY = JSON.stringify({ code, error: `SERVER_BUSY: ${meaning}` });

export class CapacityGuard implements HttpHandler {
  readonly #isBusy: () => boolean;
  readonly #refused: () => void;

  /** `refused` is told of each. */
  constructor(isBusy: () => boolean, refused: () => void) {
    this.#isBusy = isBusy;
    this.#refused = refused;
  }

  matches({ method, url = "" }: IncomingMessage): boolean {
    return method === "POST" && ASKS_FOR_SEAT.test(url) && this.#isBusy();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#refused();
    const { DEFAULT_CORS_HEADERS, getCorsHeaders } = matchMaker.controller;
    const origin: Record<string, string> =
      request.headers.origin === undefined ? {} : { origin: request.headers.origin };
    response.writeHead(code, {
      ...DEFAULT_CORS_HEADERS,
      ...getCorsHeaders(new Headers(origin)),
      "content-type": "application/json",
      "content-length": Buffer.byteLength(BODY),
      "retry-after": String(RETRY_SECONDS),
    });
    response.end(BODY);
    request.resume();
  }
}
