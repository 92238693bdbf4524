/**
 * Owns the plain HTTP side of the process: the page, the health check, and the operator's tools behind a password. The
 * matchmaking and sign-in routes are not here.
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync } from "node:fs";
import path from "node:path";
import express, { type Application, type RequestHandler } from "express";
import type { Metrics } from "./metrics.ts";
import type { Backstage } from "./openBackstage.ts";

const PAGE = path.resolve(import.meta.dirname, "../../web/dist");
const NO_PAGE = "The page has not been built: run `npm run prepare`, then load this address again.\n";

/** The build gives its assets names that change with their content; the page itself must be asked for anew. */
function cacheHeader(file: string): string {
  return file.startsWith(path.join(PAGE, "assets")) ? "public, max-age=31536000, immutable" : "no-cache";
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Lets through only the operator, by HTTP basic authentication. */
export function operatorOnly(user: string, password: string): RequestHandler {
  const expected = digest(`${user}:${password}`);
  return (request, response, next) => {
    const [scheme, given = ""] = (request.headers.authorization ?? "").split(" ");
    const credentials = Buffer.from(given, "base64").toString("utf8");
    if (scheme.toLowerCase() === "basic" && timingSafeEqual(digest(credentials), expected)) next();
    else response.status(401).set("WWW-Authenticate", 'Basic realm="operator", charset="UTF-8"').end();
  };
}

export interface Operator {
  readonly user: string;
  readonly password: string;
}

/** What a process without the REST API answers. */
export function addHealthRoutes(app: Application, metrics: Metrics, backstage: Backstage | null): void {
  app.disable("x-powered-by");
  app.get("/healthz", (_request, response) => {
    response.type("text/plain").send("ok\n");
  });
  app.get("/readyz", async (_request, response) => {
    const problems = (await backstage?.problems()) ?? [];
    response.status(problems.length === 0 ? 200 : 503).json({ ready: problems.length === 0, problems });
  });
  app.get("/metrics", async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  if (backstage !== null) app.get("/api/v1/live", (request, response) => void backstage.live.handle(request, response));
}

/** The page, and the operator's tools, which do not exist without an operator. */
export async function addPageRoutes(app: Application, operator: Operator | null): Promise<void> {
  if (operator !== null) {
    const gate = operatorOnly(operator.user, operator.password);
    const { monitor } = await import("@colyseus/monitor");
    const { playground } = await import("@colyseus/playground");
    app.use("/monitor", gate, monitor());
    app.use("/playground", gate, playground());
  }
  app.get("/", (_request, response, next) => {
    if (existsSync(path.join(PAGE, "index.html"))) next();
    else response.status(503).type("text/plain").send(NO_PAGE);
  });
  app.use(
    express.static(PAGE, { setHeaders: (response, file) => response.setHeader("Cache-Control", cacheHeader(file)) }),
  );
}
