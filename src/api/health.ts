import { LRUCache } from "lru-cache";
import type { Registry } from "prom-client";
import * as z from "zod";
import type { Readiness } from "../platform/health/readiness.ts";
import type { Operators } from "./operators/Operators.ts";
import { type RouteSpec, route } from "./Route.ts";

export interface HealthOptions {
  readonly readiness: () => Promise<Readiness>;
  readonly operators: Pick<Operators, "require" | "recognise">;
  /** Removes addresses from a line, for everyone but operators. */
  readonly hideAddresses: (line: string) => string;
  readonly metrics: Registry;
  /** Monotonic clock in ms; for tests. */
  readonly monotonicMs?: () => number;
}

const health = z.object({ status: z.string() });
const lines = z.array(z.string());
const readinessSchema = z.object({ ready: z.boolean(), problems: lines, warnings: lines });

/**
 * These routes have no rate limit, because several monitors may share one address. So requests within this time share one
 * answer, and a flood of them costs little.
 */
const SHARED_MS = 250;

export function healthRoutes({
  readiness,
  operators,
  hideAddresses,
  metrics,
  monotonicMs = () => performance.now(),
}: HealthOptions): RouteSpec[] {
  const common = { method: "GET", tag: "operation", access: "anyone", limit: null } as const;
  const readinessNow = shared(readiness, monotonicMs);
  const metricsNow = shared(() => metrics.metrics(), monotonicMs);
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
      summary:
        "Readiness: whether players can join here, or whether the process performs its only role. Only operators see addresses.",
      responses: {
        200: {
          description: "Ready. `warnings` has one line for everything else that an operator should know.",
          schema: readinessSchema,
        },
        503: {
          description:
            "Not ready. `problems` has one line for each reason why players cannot join, or why the process cannot perform its only role.",
          schema: readinessSchema,
        },
      },
      async handle({ request, address }) {
        const { ready, problems, warnings } = await readinessNow();
        const isOperator = (await operators.recognise(request, address)) !== null;
        const shown = (all: readonly string[]) => (isOperator ? [...all] : all.map(hideAddresses));
        const body = { ready, problems: shown(problems), warnings: shown(warnings) };
        return ready ? { status: 200, body } : { status: 503, body };
      },
    }),
    route({
      ...common,
      path: "/metrics",
      summary: "Metrics in the Prometheus text format",
      responses: { 200: { description: "The metrics", mediaType: "text/plain" } },
      async handle({ request, response }) {
        const text = await metricsNow();
        response.writeHead(200, { "content-type": metrics.contentType, "cache-control": "no-store" });
        response.end(request.method === "HEAD" ? undefined : text);
        return null;
      },
    }),
  ];
}

function shared<T>(read: () => Promise<T>, monotonicMs: () => number): () => Promise<T> {
  const recent = new LRUCache<"", Promise<T>>({
    ...{ max: 1, ttl: SHARED_MS, ttlResolution: 0 },
    perf: { now: monotonicMs },
  });
  return () => {
    const known = recent.get("");
    if (known !== undefined) return known;
    const reading = read();
    recent.set("", reading);
    reading.catch(() => recent.delete(""));
    return reading;
  };
}
