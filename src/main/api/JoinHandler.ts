/**
 * Answers `POST /matchmake/METHOD/TARGET` instead of the framework, which reads bodies of any length, answers 200 to errors whose
 * code is no number, and sends the text of every error to the client.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createAuthContext, matchMaker } from "@colyseus/core";
import { Problem } from "../../api/problems.ts";
import { readBody } from "../../api/readBody.ts";
import { sendProblem, sendProblemBody } from "../../api/sendProblem.ts";
import { invokeMatchmaking, type MatchmakingOptions } from "../../platform/adapters/colyseus/interceptMatchmaking.ts";
import type { HttpHandler } from "./HttpServer.ts";
import { joinProblemOf, RETRY_SECONDS, retryHeaders } from "./joinProblem.ts";

const PATH = /^\/matchmake\/([^/?]+)\/([^/?]+)(?:\?|$)/;

export class JoinHandler implements HttpHandler {
  readonly #onError: (error: unknown, where: string) => void;

  /** `onError` is called with errors that are no refusals. */
  constructor(onError: (error: unknown, where: string) => void) {
    this.#onError = onError;
  }

  /** The framework answers preflight requests. */
  matches({ method, url = "" }: IncomingMessage): boolean {
    return method !== "OPTIONS" && url.startsWith("/matchmake/");
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    setCorsHeaders(request, response);
    try {
      const text = JSON.stringify(await reserve(request));
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
      response.end(text);
    } catch (error) {
      if (error instanceof Problem) {
        sendProblem(error, request, response);
        return;
      }
      const { problem, isExpected } = joinProblemOf(error);
      if (!isExpected) this.#onError(error, `POST ${request.url!.split("?")[0]}`);
      for (const [name, value] of Object.entries(retryHeaders(problem))) response.setHeader(name, value);
      sendProblemBody(problem.status, problem, request, response);
    }
  }
}

async function reserve(request: IncomingMessage): Promise<unknown> {
  const { method, url = "", headers } = request;
  const [, matchmakingMethod, target] = PATH.exec(url) ?? [];
  if (matchmakingMethod === undefined) throw new Problem("ROUTE_UNKNOWN");
  if (method !== "POST") throw new Problem("METHOD_NOT_ALLOWED", undefined, { headers: { allow: "POST" } });
  if (matchMaker.state === matchMaker.MatchMakerState.SHUTTING_DOWN)
    throw new Problem("SHUTTING_DOWN", undefined, { headers: { "retry-after": String(RETRY_SECONDS) } });
  const options = ((await readBody(request)) ?? {}) as MatchmakingOptions;
  const context = createAuthContext({ headers: headers as Record<string, string>, req: request });
  return invokeMatchmaking(matchmakingMethod, target, options, context);
}

/** The same as for the framework's own responses. */
export function setCorsHeaders({ headers }: IncomingMessage, response: ServerResponse): void {
  const { DEFAULT_CORS_HEADERS, getCorsHeaders } = matchMaker.controller;
  const origin: Record<string, string> = headers.origin === undefined ? {} : { origin: headers.origin };
  const all = { ...DEFAULT_CORS_HEADERS, ...getCorsHeaders(new Headers(origin)) };
  for (const [name, value] of Object.entries(all)) response.setHeader(name, value);
}
