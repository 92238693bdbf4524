import type { IncomingMessage, ServerResponse } from "node:http";
import type { Problem } from "./problems.ts";

/** Sends an error of the REST API. Closes the connection if the response has begun. */
export function sendProblem(problem: Problem, request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const name in problem.headers) response.setHeader(name, problem.headers[name]);
  sendProblemBody(problem.status, problem, request, response);
}

/** `body` is the RFC 9457 object, or has `toJSON` for it. */
export function sendProblemBody(
  status: number,
  body: object,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const text = JSON.stringify(body);
  closeIfUnread(request, response);
  response.statusCode = status;
  response.setHeader("cache-control", "no-store");
  response.setHeader("content-type", "application/problem+json");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.end(request.method === "HEAD" ? undefined : text);
}

/** Closes the connection after the response if the request's body was not read: it may be endless. */
export function closeIfUnread(request: IncomingMessage, response: ServerResponse): void {
  if (!request.complete) response.shouldKeepAlive = false;
}
