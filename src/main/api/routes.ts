/** The HTTP routes outside the REST API: the page, and the operators' tools. */
import { existsSync } from "node:fs";
import path from "node:path";
import express, { type Application, type ErrorRequestHandler } from "express";
import { pathOf } from "../../api/pathOf.ts";
import { Problem } from "../../api/problems.ts";
import { sendProblem } from "../../api/sendProblem.ts";
import { addOperatorTools, type OperatorToolsDeps } from "./operatorTools.ts";

const BUILT_IN = path.resolve(import.meta.dirname, "../../../web/dist");
const NO_PAGE = "The page has not been built. Run `npm run prepare`, then reload.\n";

/**
 * Whether there is a page in PAGE_DIR, or the built-in one has been built: an install with --ignore-scripts does not build it.
 */
export function hasPage(pageDir: string = BUILT_IN): boolean {
  return existsSync(path.join(pageDir, "index.html"));
}

/**
 * The names of the built-in page's assets contain a hash of their content, so they can be cached forever. Everything else must be
 * revalidated each time.
 */
function cacheHeader(file: string): string {
  return file.startsWith(path.join(BUILT_IN, "assets")) ? "public, max-age=31536000, immutable" : "no-cache";
}

interface PageRoutesDeps {
  /** PAGE_DIR; undefined: the built-in page. */
  readonly pageDir?: string;
  /** Name of the first game of the installation. */
  readonly firstGame: string;
  /** Null: the operators' tools are disabled. */
  readonly tools: Omit<OperatorToolsDeps, "onError"> | null;
  /** Called with unexpected errors. */
  readonly onError: (error: unknown, where: string) => void;
}

/** Adds the page and the operators' tools. Every other request is answered with a problem. */
export async function addPageRoutes(
  app: Application,
  { tools, pageDir, firstGame, onError }: PageRoutesDeps,
): Promise<void> {
  // Otherwise /MONITOR would be the monitor without its headers.
  app.enable("case sensitive routing").disable("x-powered-by");
  if (tools !== null) await addOperatorTools(app, { ...tools, onError });
  app.get("/", (_request, response, next) => {
    if (hasPage(pageDir)) next();
    else response.status(503).type("text/plain").send(NO_PAGE);
  });
  app.use(
    express.static(path.resolve(pageDir ?? BUILT_IN), {
      redirect: false,
      index: pageDir === undefined && firstGame !== "arena" ? "neutral.html" : "index.html",
      setHeaders: (response, file) => response.setHeader("Cache-Control", cacheHeader(file)),
    }),
  );
  app.use((request, response) => sendProblem(new Problem("ROUTE_UNKNOWN"), request, response));
  app.use(failing(onError));
}

/** The pages of Express for errors would replace the security headers, and contain the query and a stack trace. */
const failing =
  (onError: PageRoutesDeps["onError"]): ErrorRequestHandler =>
  (error, request, response, _next) => {
    const isOfClient = error?.status >= 400 && error.status < 500;
    if (!isOfClient) onError(error, `${request.method} ${pathOf({ url: request.originalUrl })}`);
    sendProblem(new Problem(isOfClient ? "ROUTE_UNKNOWN" : "INTERNAL"), request, response);
  };
