/**
 * The HTTP server of a process. It refuses malformed requests and large bodies before anything reads them, and passes each request to the
 * first handler that matches, or else to the pages. No route needs a large body.
 *
 * The framework handles only WebSockets. Its own routes are out of reach: they ignore the limits, and a rejection in them stops the process.
 */
import { type IncomingMessage, Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { Problem } from "../../api/problems.ts";
import { readBytes } from "../../api/readBody.ts";
import { sendProblem } from "../../api/sendProblem.ts";
import { toProblem } from "../../api/toProblem.ts";
import { dropUnknownScheme, malformation } from "./malformedRequest.ts";

const BODY_BYTES_MAX = 64 * 1024;

/**
 * How long an idle connection stays open. Load balancers reuse idle connections for 60 s. If the server closed one first, a
 * request on it would fail with 502.
 */
const KEEP_ALIVE_MS = 75_000;

/** Answers some of the requests. */
export interface HttpHandler {
  matches(request: IncomingMessage): boolean;
  handle(request: IncomingMessage, response: ServerResponse): unknown;
}

export class HttpServer extends Server {
  /** The first that matches a request answers it. */
  handlers: readonly HttpHandler[] = [];
  /** Answers the requests that no handler matches. A body without a length is in `request.body`. */
  pages: (request: IncomingMessage, response: ServerResponse) => void = (request, response) =>
    sendProblem(new Problem("ROUTE_UNKNOWN"), request, response);
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
    if (event === "request") this.#onRequest(args[0], args[1]);
    else if (event === "upgrade") return this.#onUpgrade(args[0], args[1], args[2]);
    else return super.emit(event, ...args);
    return true;
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    this.beforeRequest();
    if (malformation(request) === null) return super.emit("upgrade", request, socket, head);
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    return true;
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.beforeRequest();
    this.setHeaders(request, response);
    const problem = refusal(request);
    if (problem !== null) {
      sendProblem(problem, request, response);
      return;
    }
    dropUnknownScheme(request);
    const handler = this.handlers.find((candidate) => candidate.matches(request));
    if (handler !== undefined) handler.handle(request, response);
    else if (request.headers["transfer-encoding"] === undefined) this.pages(request, response);
    else void this.#servePageWithBody(request, response);
  }

  /** Express would read a body without a length to its end, but uses a `body` that is already there. */
  async #servePageWithBody(request: IncomingMessage & { body?: unknown }, response: ServerResponse): Promise<void> {
    try {
      const text = (await readBytes(request, BODY_BYTES_MAX)).toString("utf8");
      request.body = text;
      this.pages(request, response);
    } catch (error) {
      sendProblem(toProblem(error), request, response);
    }
  }
}

function refusal(request: IncomingMessage): Problem | null {
  const malformed = malformation(request);
  if (malformed !== null) return new Problem("INPUT_INVALID", malformed);
  const length = Number(request.headers["content-length"] ?? 0);
  if (length <= BODY_BYTES_MAX) return null;
  const detail = `Content-Length is ${length} bytes: expected at most ${BODY_BYTES_MAX} bytes`;
  return new Problem("BODY_TOO_LARGE", detail);
}
