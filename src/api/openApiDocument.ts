/** The OpenAPI document, generated from the routes. */
import * as z from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { type ProblemCode, problemSchema, statusOf, TOKEN_PROBLEMS } from "./problems.ts";
import type { Access, ResponseSpec, RouteSpec } from "./Route.ts";

/** The codes of all problems with which a route can respond. */
function problemsOf(spec: RouteSpec): ProblemCode[] {
  const codes: ProblemCode[] = ["UNAVAILABLE", ...(spec.problems ?? [])];
  if (spec.limit !== null) codes.unshift("TOO_MANY_REQUESTS");
  if (spec.params || spec.query || spec.body) codes.push("INPUT_INVALID");
  if (spec.body) codes.push("BODY_TOO_LARGE", "MEDIA_TYPE_UNSUPPORTED");
  if (spec.access === "player") codes.push(...TOKEN_PROBLEMS, "IDENTITY_UNAVAILABLE");
  if (spec.access === "operator") codes.push("OPERATOR_ONLY", "OPERATOR_ROLE", "CROSS_SITE");
  return codes;
}

const rateHeaders = z.object({
  "RateLimit-Limit": z.string().optional().meta({ description: "Requests allowed in the window" }),
  "RateLimit-Remaining": z.string().optional(),
  "RateLimit-Reset": z.string().optional().meta({ description: "Seconds until the window restarts" }),
});

function contentOf({ schema, mediaType }: ResponseSpec) {
  if (schema !== undefined) return { content: { [mediaType ?? "application/json"]: { schema } } };
  if (mediaType !== undefined) return { content: { [mediaType]: { schema: z.string() } } };
  return {};
}

function responsesOf(spec: RouteSpec): ZodOpenApiOperationObject["responses"] {
  const responses: Record<string, any> = {};
  for (const [status, codes] of Map.groupBy(problemsOf(spec), statusOf)) {
    responses[status] = {
      description: codes.join(", "),
      content: { "application/problem+json": { schema: problemSchema } },
    };
  }
  for (const [status, response] of Object.entries(spec.responses as Record<string, ResponseSpec>)) {
    const problem = responses[status];
    const { content = {} } = contentOf(response);
    responses[status] = {
      description: [response.description, problem?.description].filter(Boolean).join("; or "),
      ...(spec.limit !== null && { headers: rateHeaders }),
      ...((problem || Object.keys(content).length > 0) && { content: { ...content, ...problem?.content } }),
    };
  }
  return responses;
}

const securityOf: Record<Access, Record<string, string[]>[] | undefined> = {
  anyone: undefined,
  optional: [{}, { bearer: [] }],
  player: [{ bearer: [] }],
  operator: [{ basic: [] }, { bearer: [] }],
};

/** Made of the letters of the path. A number tells apart what has the same letters, such as routes of the games `ctf` and `ctf2`. */
function operationIdOf(method: string, path: string, taken: Set<string>): string {
  const letters = path.replace(/[^A-Za-z]+(.)?/g, (_, next = "") => next.toUpperCase());
  const first = `${method.toLowerCase()}${letters}`;
  let id = first;
  for (let number = 2; taken.has(id); number++) id = `${first}${number}`;
  taken.add(id);
  return id;
}

export function openApiDocument(routes: readonly RouteSpec[], version: string) {
  const paths: ZodOpenApiPathsObject = {};
  const taken = new Set<string>();
  for (const spec of routes) {
    const path = spec.path.replace(/:([A-Za-z]+)/g, "{$1}");
    const security = securityOf[spec.access as Access];
    const body = spec.body as z.ZodType | undefined;
    const operation: ZodOpenApiOperationObject = {
      operationId: operationIdOf(spec.method, path, taken),
      summary: spec.summary,
      tags: [spec.tag],
      ...(security !== undefined && { security }),
      requestParams: { ...(spec.params && { path: spec.params }), ...(spec.query && { query: spec.query }) },
      ...(body !== undefined && {
        requestBody: {
          required: !body.safeParse(undefined).success,
          content: { "application/json": { schema: body } },
        },
      }),
      responses: responsesOf(spec),
    };
    paths[path] = { ...paths[path], [spec.method.toLowerCase()]: operation };
  }
  return createDocument({
    openapi: "3.1.0",
    info: {
      title: "Hypogeum",
      version,
      description: "Sign-in, player profiles, ratings, rankings, matches and matchmaking.",
    },
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        basic: { type: "http", scheme: "basic" },
      },
    },
  });
}
