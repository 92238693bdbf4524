/**
 * Refuses requests for a seat while the process is at capacity, before the framework's matchmaking sees them. A refusal must be
 * cheap: its time is lost to the connected players, and refused clients retry.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { matchMaker } from "@colyseus/core";
import { refusals } from "../../../schema/codes.ts";
import type { HttpHandler } from "../api/HttpServer.ts";

/** Requests to the framework for a new seat. A reconnection already has one. */
const SEAT_REQUEST = /^\/matchmake\/(?!reconnect\/)/;
const RETRY_SECONDS = 2;

const { code, meaning } = refusals.SERVER_BUSY;
/** The same body as a refusal by the framework. */
const BODY = JSON.stringify({ code, error: `SERVER_BUSY: ${meaning}` });

export class CapacityGuard implements HttpHandler {
  readonly #isBusy: () => boolean;
  readonly #onRefused: () => void;

  /** `onRefused` is called for each refusal. */
  constructor(isBusy: () => boolean, onRefused: () => void) {
    this.#isBusy = isBusy;
    this.#onRefused = onRefused;
  }

  matches({ method, url = "" }: IncomingMessage): boolean {
    return method === "POST" && SEAT_REQUEST.test(url) && this.#isBusy();
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#onRefused();
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
