/**
 * Refuses requests for a seat while the process is at capacity, before the framework's matchmaking sees them. A refusal must be
 * cheap: its time is lost to the connected players, and refused clients retry. Players who already have a seat may return to it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { markReturning } from "../../../rooms/joinRequest.ts";
import { bearerOf } from "../../api/bearerOf.ts";
import type { CrossOrigin } from "../../api/crossOrigin.ts";
import type { HttpHandler } from "../api/HttpServer.ts";
import { joinProblem, retryHeaders } from "../api/joinProblem.ts";

/** Requests to the framework for a new seat. A reconnection already has one. */
const SEAT_REQUEST = /^\/matchmake\/(?!reconnect\/)/;

const problem = joinProblem("SERVER_BUSY");
const BODY = JSON.stringify(problem);

interface CapacityGuardOptions {
  readonly isBusy: () => boolean;
  /** Resolves to whether the player of a token has a seat. Must never reject, and must be cheap even for an invalid token. */
  readonly isReturning: (token: string | null) => Promise<boolean>;
  /** Handles the requests of returning players. */
  readonly joins: Pick<HttpHandler, "handle">;
  readonly crossOrigin: CrossOrigin;
  /** Called for each refusal. */
  readonly onRefused: () => void;
}

export class CapacityGuard implements HttpHandler {
  readonly #options: CapacityGuardOptions;

  constructor(options: CapacityGuardOptions) {
    this.#options = options;
  }

  matches({ method, url = "" }: IncomingMessage): boolean {
    return method === "POST" && SEAT_REQUEST.test(url) && this.#options.isBusy();
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { isReturning, joins } = this.#options;
    if (!(await isReturning(bearerOf(request)))) return this.#refuse(request, response);
    markReturning(request);
    await joins.handle(request, response);
  }

  #refuse(request: IncomingMessage, response: ServerResponse): void {
    this.#options.onRefused();
    this.#options.crossOrigin(request, response);
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
