/** The root span of a matchmaking request, and the id under which its other spans are recorded. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { markTrace } from "../../../rooms/joinRequest.ts";
import { spanTime } from "../../platform/tracing/spanTime.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";

const ROUTE = "/matchmake/:method/:target";
/** If the request is refused, the values that the client sent have not been checked. */
const NAME = /^[A-Za-z0-9_-]{1,32}$/;

export class JoinSpan {
  /** From the path: the method, and the name or id of a room. */
  method = "";
  target = "";
  /** The checked options once the request was admitted; before that, what the client sent. */
  options: Readonly<Record<string, unknown>> = {};
  /** Name of the refusal or failure (docs/codes.md); null if there is none. */
  problem: string | null = null;
  /** Whether the server failed. A refusal is the client's error. */
  hasFailed = false;
  readonly #id = randomUUID();
  readonly #startMs = spanTime();
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    this.#request = request;
    markTrace(request, this.#id);
  }

  record(tracer: Tracer, { statusCode }: ServerResponse): void {
    const { method, target } = this;
    const { mode, region } = this.options;
    const asked = {
      ...{ "hypogeum.join.method": method, "hypogeum.join.target": target },
      ...{ "hypogeum.mode": mode, "hypogeum.region": region },
    };
    const attributes: Record<string, string | number> = {
      "http.request.method": this.#request.method!,
      "http.route": ROUTE,
      "http.response.status_code": statusCode,
      ...(this.problem !== null && { "error.type": this.problem }),
    };
    for (const [key, value] of Object.entries(asked))
      if (typeof value === "string" && NAME.test(value)) attributes[key] = value;
    tracer.record({
      ...{ trace: this.#id, isRoot: true, kind: "server", name: `${this.#request.method} ${ROUTE}` },
      ...{ startMs: this.#startMs, endMs: spanTime(), attributes },
      ...(this.hasFailed && { error: this.problem ?? String(statusCode) }),
    });
  }
}
