/**
 * `/openapi.json`, and `/docs`, the page that shows it. All files are served by this program, so it works without internet
 * access.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";
import getAbsoluteFSPath from "swagger-ui-dist/absolute-path.js";
import * as z from "zod";
import { openApiDocument } from "./openApiDocument.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

const FILES: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css",
  "swagger-ui-bundle.js": "text/javascript",
  "favicon-32x32.png": "image/png",
};

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Hypogeum API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;
const START = `SwaggerUIBundle({ url: "/openapi.json", dom_id: "#docs", validatorUrl: null });\n`;

/** Returns `routes` together with the routes that document them. */
export function withDocs(routes: readonly RouteSpec[], version: string): RouteSpec[] {
  const document = JSON.stringify(openApiDocument(routes, version));
  const folder = getAbsoluteFSPath();
  const common = { method: "GET", tag: "operation", access: "anyone", limit: "read" } as const;
  const responses = { 200: { description: "The file", mediaType: "*/*" } } as const;
  return [
    ...routes,
    route({
      ...common,
      path: "/openapi.json",
      summary: "This OpenAPI document",
      responses,
      async handle({ response }) {
        response.writeHead(200, { "content-type": "application/json", "cache-control": "no-cache" }).end(document);
        return null;
      },
    }),
    route({
      ...common,
      path: "/docs",
      summary: "This documentation as a web page",
      responses,
      async handle({ response }) {
        response.writeHead(200, { "content-type": "text/html" }).end(PAGE);
        return null;
      },
    }),
    route({
      ...common,
      path: "/docs/:file",
      summary: "Files of the documentation page",
      params: z.object({ file: z.string() }),
      responses,
      async handle({ params, response }) {
        if (params.file === "start.js") {
          response.writeHead(200, { "content-type": "text/javascript" }).end(START);
          return null;
        }
        if (!Object.hasOwn(FILES, params.file)) throw new Problem("ROUTE_UNKNOWN");
        const bytes = await readFile(path.join(folder, params.file));
        response
          .writeHead(200, { "content-type": FILES[params.file], "cache-control": "public, max-age=3600" })
          .end(bytes);
        return null;
      },
    }),
  ];
}
