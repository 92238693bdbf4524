/** Owns what operators' tools ask: is it alive, is it ready, what does it measure. */
import type { Registry } from "prom-client";
import * as z from "zod";
import { type RouteSpec, route } from "./Route.ts";

export interface HealthOptions {
  /** Parts of this process, each with the reason why it cannot work; null when all is well. */
  readonly problems: () => Readonly<Record<string, string | null>>;
  readonly metrics: Registry;
}

const health = z.object({ status: z.string() });
const readiness = z.object({ ready: z.boolean(), problems: z.record(z.string(), z.string()) });

export function healthRoutes({ problems, metrics }: HealthOptions): RouteSpec[] {
  const common = { method: "GET", tag: "operation", access: "anyone", limit: "read" } as const;
  return [
    route({
      ...common,
      path: "/healthz",
      summary: "Whether the process answers",
      answers: { 200: { description: "It does", schema: health } },
      handle: async () => ({ status: 200, body: { status: "ok" } }),
    }),
    route({
      ...common,
      path: "/readyz",
      summary: "Whether every part works, and why not",
      answers: {
        200: { description: "All parts work", schema: readiness },
        503: { description: "Some do not; the reasons by part", schema: readiness },
      },
      async handle() {
        const found = Object.entries(problems()).filter((entry): entry is [string, string] => entry[1] !== null);
        const body = { ready: found.length === 0, problems: Object.fromEntries(found) };
        return body.ready ? { status: 200, body } : { status: 503, body };
      },
    }),
    route({
      ...common,
      path: "/metrics",
      summary: "Metrics in the text format of Prometheus",
      answers: { 200: { description: "The metrics", mediaType: "text/plain" } },
      async handle({ response }) {
        const text = await metrics.metrics();
        response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" }).end(text);
        return null;
      },
    }),
  ];
}
