import type { Registry } from "prom-client";
import * as z from "zod";
import { type RouteSpec, route } from "./Route.ts";

interface HealthOptions {
  /** Why this process is not ready, one line per problem; empty while it is ready. */
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
      summary: "Liveness: whether the process responds",
      responses: { 200: { description: "The process responds", schema: health } },
      handle: async () => ({ status: 200, body: { status: "ok" } }),
    }),
    route({
      ...common,
      path: "/readyz",
      summary: "Readiness: whether all parts of the process work",
      responses: {
        200: { description: "All parts work", schema: readiness },
        503: { description: "Some parts do not work. `problems` has one line for each.", schema: readiness },
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
      summary: "Metrics in the Prometheus text format",
      responses: { 200: { description: "The metrics", mediaType: "text/plain" } },
      async handle({ response }) {
        const text = await metrics.metrics();
        response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" }).end(text);
        return null;
      },
    }),
  ];
}
