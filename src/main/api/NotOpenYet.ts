/** Refuses requests while the process waits for a service that joins need. Only its own API answers then. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { CrossOrigin } from "../../api/crossOrigin.ts";
import type { HttpHandler } from "./HttpServer.ts";
import { sendJoinProblem } from "./JoinHandler.ts";
import { unavailable } from "./joinProblem.ts";

export class NotOpenYet implements HttpHandler {
  readonly #crossOrigin: CrossOrigin;

  constructor(crossOrigin: CrossOrigin) {
    this.#crossOrigin = crossOrigin;
  }

  matches(): boolean {
    return true;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    if (!this.#crossOrigin(request, response)) sendJoinProblem(unavailable, request, response);
  }
}
