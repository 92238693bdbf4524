/**
 * Refuses requests for a seat while the process is at capacity, before the framework's matchmaking sees them. A refusal must be
 * cheap: its time is lost to the connected players, and refused clients retry.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpHandler } from "../api/HttpServer.ts";
import { setCorsHeaders } from "../api/JoinHandler.ts";
import { joinProblem, retryHeaders } from "../api/joinProblem.ts";

/** Requests to the framework for a new seat. A reconnection already has one. */
const SEAT_REQUEST = /^\/matchmake\/(?!reconnect\/)/;

const problem = joinProblem("SERVER_BUSY");
const BODY = JSON.stringify(problem);

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
    setCorsHeaders(request, response);
    response.writeHead(problem.status, {
      "content-type": "application/problem+json",
      "content-length": Buffer.byteLength(BODY),
      "cache-control": "no-store",
      ...retryHeaders(problem),
    });
    response.end(BODY);
    request.resume();
  }
}
