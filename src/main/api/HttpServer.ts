/**
 * The HTTP server of a process, in front of the framework: it refuses large bodies before anything reads them, and passes each
 * request to the first handler that matches, or else to the framework. No route needs a large body.
 */
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import { Problem } from "../../api/problems.ts";
import { readBytes } from "../../api/readBody.ts";
import { sendProblem } from "../../api/sendProblem.ts";
import { toProblem } from "../../api/toProblem.ts";

const BODY_BYTES_MAX = 64 * 1024;

/**
 * How long an idle connection stays open. Load balancers reuse idle connections for 60 s. If the server closed one first, a
 * request on it would fail with 502.
 */
export const KEEP_ALIVE_MS = 75_000;

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
  /** Called with each response before its handler. */
  setHeaders: (request: IncomingMessage, response: ServerResponse) => void = () => {};

  constructor() {
    super({ keepAliveTimeout: KEEP_ALIVE_MS });
  }

  /** The framework calls this when it is ready for players. By then the server may already listen, to answer other requests. */
  override listen(...args: any[]): this {
    if (!this.listening) return super.listen(...args);
    const onListening = args.at(-1);
    if (typeof onListening === "function") setImmediate(onListening);
    return this;
  }

  override emit(event: string, ...args: any[]): boolean {
    if (event === "request" || event === "upgrade") this.beforeRequest();
    if (event !== "request") return super.emit(event, ...args);
    const [request, response] = args as [IncomingMessage, ServerResponse];
    this.setHeaders(request, response);
    const length = Number(request.headers["content-length"] ?? 0);
    if (length > BODY_BYTES_MAX) {
      const detail = `Content-Length is ${length} bytes: expected at most ${BODY_BYTES_MAX} bytes`;
      sendProblem(new Problem("BODY_TOO_LARGE", detail), request, response);
      return true;
    }
    const handler = this.handlers.find((candidate) => candidate.matches(request));
    if (handler !== undefined) handler.handle(request, response);
    else if (request.headers["transfer-encoding"] === undefined) return super.emit(event, ...args);
    else void this.#emitWithBody(request, response);
    return true;
  }

  /** The framework and Express would read a body without a length to its end, but use a `body` that is already there. */
  async #emitWithBody(request: IncomingMessage & { body?: unknown }, response: ServerResponse): Promise<void> {
    try {
      const text = (await readBytes(request, BODY_BYTES_MAX)).toString("utf8");
      request.body = text;
      super.emit("request", request, response);
    } catch (error) {
      sendProblem(toProblem(error), request, response);
    }
  }
}
