/** The HTTP routes outside the REST API: the page, and the operators' tools. */
import { existsSync } from "node:fs";
import path from "node:path";
import express, { type Application } from "express";
import { addOperatorTools, type OperatorToolsDeps } from "./operatorTools.ts";

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

/** Adds the page, and the operators' tools unless `tools` is null. */
export async function addPageRoutes(app: Application, tools: OperatorToolsDeps | null): Promise<void> {
  if (tools !== null) await addOperatorTools(app, tools);
  app.get("/", (_request, response, next) => {
    if (hasPage()) next();
    else response.status(503).type("text/plain").send(NO_PAGE);
  });
  app.use(
    express.static(PAGE, { setHeaders: (response, file) => response.setHeader("Cache-Control", cacheHeader(file)) }),
  );
}
