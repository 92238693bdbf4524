/** The HTTP routes outside the REST API: the page, and the operator's tools behind a password. */
import { existsSync } from "node:fs";
import path from "node:path";
import express, { type Application, type RequestHandler } from "express";
import { CHALLENGE, isOperator, type Operator } from "../../api/operator.ts";
import type { Config } from "../../platform/config/readConfig.ts";

const PAGE = path.resolve(import.meta.dirname, "../../../web/dist");
const NO_PAGE = "The page has not been built. Run `npm run prepare`, then reload.\n";

/** Whether the page has been built: an install with --ignore-scripts does not build it. */
export function hasPage(): boolean {
  return existsSync(path.join(PAGE, "index.html"));
}

/**
 * The names of assets contain a hash of their content, so they can be cached forever. The page must be revalidated each time.
 */
function cacheHeader(file: string): string {
  return file.startsWith(path.join(PAGE, "assets")) ? "public, max-age=31536000, immutable" : "no-cache";
}

/** The operator's credentials; null if they are not set. */
export function operatorOf({ adminUser, adminPassword }: Config): Operator | null {
  return adminUser === undefined || adminPassword === undefined ? null : { user: adminUser, password: adminPassword };
}

/** Lets through only the operator, by HTTP basic authentication. */
const operatorOnly =
  (operator: Operator): RequestHandler =>
  (request, response, next) => {
    if (isOperator(operator, request)) next();
    else response.status(401).set(CHALLENGE).end();
  };

/** Adds the page, and the operator's tools if there is an operator. */
export async function addPageRoutes(app: Application, operator: Operator | null): Promise<void> {
  if (operator !== null) {
    const gate = operatorOnly(operator);
    const { monitor } = await import("@colyseus/monitor");
    const { playground } = await import("@colyseus/playground");
    app.use("/monitor", gate, monitor());
    app.use("/playground", gate, playground());
  }
  app.get("/", (_request, response, next) => {
    if (hasPage()) next();
    else response.status(503).type("text/plain").send(NO_PAGE);
  });
  app.use(
    express.static(PAGE, { setHeaders: (response, file) => response.setHeader("Cache-Control", cacheHeader(file)) }),
  );
}
