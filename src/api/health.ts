/** Owns what operators' tools ask: is it alive, is it ready, what does it measure. */
import type { Registry } from "prom-client";
import * as z from "zod";
import { type RouteSpec, route } from "./Route.ts";

interface HealthOptions {
  /** Why this process cannot do all of its work, one line each; empty when all is well. */
  readonly problems: () => Promise<readonly string[]>;
  readonly metrics: Registry;
}

const health = z.object({ status: z.string() });
const readiness = z.object({ ready: z.boolean(), problems: z.array(z.string()) });

export function healthRoutes({ problems, metrics }: HealthOptions): RouteSpec[] {
  const common = { method: "GET", tag: "operation", access: "anyone", limit: "read" } as const;
  return [
    route({
      ...common,
      path: "/healthz",
      summary: "Whether the process answers",
      responses: { 200: { description: "It does", schema: health } },
      handle: async () => ({ status: 200, body: { status: "ok" } }),
    }),
    route({
      ...common,
      path: "/readyz",
      summary: "Whether every part works, and why not",
      responses: {
        200: { description: "All parts work", schema: readiness },
        503: { description: "Some do not; the reasons, one line each", schema: readiness },
      },
      async handle() {
        const found = [...(await problems())];
        const body = { ready: found.length === 0, problems: found };
        return body.ready ? { status: 200, body } : { status: 503, body };
      },
    }),
    route({
      ...common,
      path: "/metrics",
      summary: "Metrics in the text format of Prometheus",
      responses: { 200: { description: "The metrics", mediaType: "text/plain" } },
      async handle({ response }) {
        const text = await metrics.metrics();
        response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" }).end(text);
        return null;
      },
    }),
  ];
}
