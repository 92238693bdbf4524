/** Owns the limit on what a request may carry, before anything reads it: no route of this server takes large bodies. */
import { type IncomingMessage, Server, type ServerResponse } from "node:http";

export const BODY_BYTES_MAX = 64 * 1024;

/** Status to refuse a request with for its body; null to let it through. */
function bodyProblem({ headers }: IncomingMessage): number | null {
  // A body of unknown length could only be measured by reading it.
  if (headers["transfer-encoding"] !== undefined) return 411;
  return Number(headers["content-length"] ?? 0) > BODY_BYTES_MAX ? 413 : null;
}

export class LimitedServer extends Server {
  override emit(event: string, ...args: any[]): boolean {
    if (event !== "request") return super.emit(event, ...args);
    const [request, response] = args as [IncomingMessage, ServerResponse];
    const status = bodyProblem(request);
    if (status === null) return super.emit(event, ...args);
    response.writeHead(status, { connection: "close" }).end();
    return true;
  }
}
