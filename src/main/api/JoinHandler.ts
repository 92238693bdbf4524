/**
 * Answers `POST /matchmake/METHOD/TARGET` instead of the framework, which reads bodies of any length, answers 200 to errors whose
 * code is no number, and sends the text of every error to the client. It also limits how many requests clients may send.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { type AuthContext, createAuthContext, matchMaker } from "@colyseus/core";
import { undoAdmission } from "../../../rooms/quotas.ts";
import { bearerOf } from "../../api/bearerOf.ts";
import type { CrossOrigin } from "../../api/crossOrigin.ts";
import { type Limits, networkOf } from "../../api/limits.ts";
import { pathOf } from "../../api/pathOf.ts";
import { Problem } from "../../api/problems.ts";
import { readBody } from "../../api/readBody.ts";
import { sendProblem, sendProblemBody } from "../../api/sendProblem.ts";
import { invokeMatchmaking, type MatchmakingOptions } from "../../platform/adapters/colyseus/interceptMatchmaking.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import type { HttpHandler } from "./HttpServer.ts";
import { JoinSpan } from "./JoinSpan.ts";
import { type JoinProblem, joinProblem, joinProblemOf, RETRY_SECONDS, retryHeaders } from "./joinProblem.ts";

const PATH = /^\/matchmake\/([^/?]+)\/([^/?]+)(?:\?|$)/;

interface JoinHandlerOptions {
  readonly limits: Pick<Limits, "takeRequest">;
  /** Resolves to the player to whom requests with this token count; null if the token is not valid. */
  readonly callerOf: (token: string) => Promise<string | null>;
  readonly addressOf: (request: IncomingMessage) => string;
  readonly crossOrigin: CrossOrigin;
  /** Called if a client sent too many requests. */
  readonly onLimited: () => void;
  readonly tracer: Tracer;
  /** Called with errors that are no refusals. */
  readonly onError: (error: unknown, where: string) => void;
}

export class JoinHandler implements HttpHandler {
  readonly #options: JoinHandlerOptions;

  constructor(options: JoinHandlerOptions) {
    this.#options = options;
  }

  matches({ url = "" }: IncomingMessage): boolean {
    return url.startsWith("/matchmake/");
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { addressOf, crossOrigin, tracer } = this.#options;
    if (crossOrigin(request, response)) return;
    const span = tracer.isOn ? new JoinSpan(request) : null;
    const address = addressOf(request);
    try {
      setHeaders(response, await this.#count(request, address));
      const text = JSON.stringify(await reserve(request, networkOf(address), span));
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
      response.end(text);
    } catch (error) {
      if (error instanceof Problem) {
        if (span !== null) span.problem = error.code;
        if (error.code === "TOO_MANY_REQUESTS") this.#refuse(error, request, response);
        else sendProblem(error, request, response);
      } else this.#fail(error, request, response, span);
    }
    span?.record(tracer, response);
  }

  /** Resolves to the `RateLimit-*` headers. Throws `TOO_MANY_REQUESTS`. */
  async #count(request: IncomingMessage, address: string): Promise<Readonly<Record<string, string>>> {
    const { limits, callerOf } = this.#options;
    const token = bearerOf(request);
    return limits.takeRequest("join", token === null ? null : await callerOf(token), address);
  }

  /** Not `sendProblem`, because the SDK needs a text and a code that is a number. */
  #refuse({ headers }: Problem, request: IncomingMessage, response: ServerResponse): void {
    this.#options.onLimited();
    const { "ratelimit-limit": max, "retry-after": seconds } = headers;
    const text = `TOO_MANY_REQUESTS: too many join requests in a minute, expected at most ${max}: try again in ${seconds} s`;
    const problem = joinProblem("TOO_MANY_REQUESTS", text);
    setHeaders(response, headers);
    sendProblemBody(problem.status, problem, request, response);
  }

  #fail(error: unknown, request: IncomingMessage, response: ServerResponse, span: JoinSpan | null): void {
    const { name, problem, isExpected } = joinProblemOf(error);
    if (span !== null) Object.assign(span, { problem: name, hasFailed: !isExpected });
    if (!isExpected) this.#options.onError(error, `POST ${pathOf(request)}`);
    sendJoinProblem(problem, request, response);
  }
}

/** Sends the problem with `Retry-After`, if the request may succeed later. */
export function sendJoinProblem(problem: JoinProblem, request: IncomingMessage, response: ServerResponse): void {
  setHeaders(response, retryHeaders(problem));
  sendProblemBody(problem.status, problem, request, response);
}

async function reserve(request: IncomingMessage, network: string, span: JoinSpan | null): Promise<unknown> {
  const { method, url = "", headers } = request;
  const [, matchmakingMethod, target] = PATH.exec(url) ?? [];
  if (matchmakingMethod === undefined) throw new Problem("ROUTE_UNKNOWN");
  if (method !== "POST") throw new Problem("METHOD_NOT_ALLOWED", undefined, { headers: { allow: "POST" } });
  if (matchMaker.state === matchMaker.MatchMakerState.SHUTTING_DOWN)
    throw new Problem("SHUTTING_DOWN", undefined, { headers: { "retry-after": String(RETRY_SECONDS) } });
  const options = ((await readBody(request)) ?? {}) as MatchmakingOptions;
  if (span !== null) Object.assign(span, { method: matchmakingMethod, target, options });
  const context = createAuthContext({ headers: headers as Record<string, string>, req: request });
  // The framework would take the address from the header X-Forwarded-For of any client.
  const counted: AuthContext = Object.assign(context, { ip: network });
  try {
    return await invokeMatchmaking(matchmakingMethod, target, options, counted);
  } catch (error) {
    undoAdmission(options);
    throw error;
  }
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}
