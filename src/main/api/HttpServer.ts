/**
 * The HTTP server of a process, in front of the framework: it refuses large bodies before anything reads them, and passes each
 * request to the first handler that matches, or else to the framework. No route needs a large body.
 */
import { type IncomingMessage, Server, type ServerResponse } from "node:http";

const BODY_BYTES_MAX = 64 * 1024;

/** Returns the HTTP status that refuses the body, or null to accept it. */
function bodyProblem({ headers }: IncomingMessage): number | null {
  // Without a length, the body would have to be read to be measured.
  if (headers["transfer-encoding"] !== undefined) return 411;
  return Number(headers["content-length"] ?? 0) > BODY_BYTES_MAX ? 413 : null;
}

/** Answers some of the requests instead of the framework. */
export interface HttpHandler {
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): unknown;
}

export class HttpServer extends Server {
  /** The first that matches a request answers it. */
  handlers: readonly HttpHandler[] = [];
  /** Called before each request and each upgrade is processed: for work that must not wait for them, such as due steps. */
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
