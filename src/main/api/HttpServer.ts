/**
 * Owns the door of the HTTP server: the limit on what a request may carry, before anything reads it, and who answers it: the
 * REST API, or another part, or else the framework. No route of this server takes large bodies.
 */
import { type IncomingMessage, Server, type ServerResponse } from "node:http";

const BODY_BYTES_MAX = 64 * 1024;

/** Status to refuse a request with for its body; null to let it through. */
function bodyProblem({ headers }: IncomingMessage): number | null {
  // A body of unknown length could only be measured by reading it.
  if (headers["transfer-encoding"] !== undefined) return 411;
  return Number(headers["content-length"] ?? 0) > BODY_BYTES_MAX ? 413 : null;
}

/** What answers some of the requests in the framework's place. */
export interface HttpHandler {
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): unknown;
}

export class HttpServer extends Server {
  /** The first that owns a request answers it. */
  handlers: readonly HttpHandler[] = [];
  /** Called before each request and each new socket is taken up: what cannot wait. */
  beforeRequest: () => void = () => {};

  override emit(event: string, ...args: any[]): boolean {
    if (event === "request" || event === "upgrade") this.beforeRequest();
    if (event !== "request") return super.emit(event, ...args);
    const [request, response] = args as [IncomingMessage, ServerResponse];
    const status = bodyProblem(request);
    if (status !== null) {
      response.writeHead(status, { connection: "close" }).end();
      return true;
    }
    const handler = this.handlers.find((candidate) => candidate.matches(request));
    if (handler === undefined) return super.emit(event, ...args);
    handler.handle(request, response);
    return true;
  }
}
