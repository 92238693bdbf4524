/** Refuses requests while the process waits for a service that joins need. Only its own API answers then. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { HttpHandler } from "./HttpServer.ts";
import { sendJoinProblem, setCorsHeaders } from "./JoinHandler.ts";
import { unavailable } from "./joinProblem.ts";

export class NotOpenYet implements HttpHandler {
  matches(): boolean {
    return true;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    setCorsHeaders(request, response);
    if (request.method === "OPTIONS") return void response.writeHead(204).end();
    sendJoinProblem(unavailable, request, response);
  }
}
