/** Refuses requests while the process waits for a service that joins need. Only its own API answers then. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendProblemBody } from "../../api/sendProblem.ts";
import type { HttpHandler } from "./HttpServer.ts";
import { setCorsHeaders } from "./JoinHandler.ts";
import { retryHeaders, unavailable } from "./joinProblem.ts";

export class NotOpenYet implements HttpHandler {
  matches(): boolean {
    return true;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    setCorsHeaders(request, response);
    for (const [name, value] of Object.entries(retryHeaders(unavailable))) response.setHeader(name, value);
    sendProblemBody(unavailable.status, unavailable, request, response);
  }
}
