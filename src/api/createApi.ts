/**
 * Handles a request for any route: CORS, routing, rate limit, authentication, inputs, handler, response. Every failure becomes
 * a problem response. It knows no resource.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import querystring, { type ParsedUrlQuery } from "node:querystring";
import findMyWay from "find-my-way";
import type * as z from "zod";
import type { Sessions } from "../players/identity/Sessions.ts";
import { refuseBanned } from "../players/identity/SignIn.ts";
import { bearerOf } from "./bearerOf.ts";
import { clientAddressBehind } from "./clientAddress.ts";
import { crossOrigin } from "./crossOrigin.ts";
import { type Limits, networkOf } from "./limits.ts";
import type { Operator } from "./operators/Operator.ts";
import type { Operators } from "./operators/Operators.ts";
import { pathOf } from "./pathOf.ts";
import { Problem } from "./problems.ts";
import type { RouteResponse, RouteSpec } from "./Route.ts";
import { readBody } from "./readBody.ts";
import { closeIfUnread, sendProblem } from "./sendProblem.ts";
import { toProblem } from "./toProblem.ts";

/** Finds the player of a token. */
export type Authenticator = Pick<Sessions, "authenticate" | "callerOf">;

interface ApiOptions {
  readonly routes: readonly RouteSpec[];
  readonly sessions: Authenticator;
  readonly limits: Limits;
  readonly operators: Pick<Operators, "require">;
  readonly corsOrigins: readonly string[];
  /** Proxies whose X-Forwarded-For is trusted: addresses, networks, or `loopback`, `linklocal`, `uniquelocal`. */
  readonly trustedProxies: readonly string[];
  /** Called with unexpected errors. It gets neither the address nor the token nor the body. */
  readonly onError: (error: unknown, method: string, path: string) => void;
  /** Checks every response against its declaration. For tests. */
  readonly checkResponses?: boolean;
}

export interface Api {
  /** Whether a request is for one of the routes, or for an unknown one where clients expect problem responses. */
  matches(request: IncomingMessage): boolean;
  /** Responds to the request. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Found {
  readonly spec: RouteSpec;
  readonly params: Readonly<Record<string, string | undefined>>;
}

const OWN_PATHS = /^\/(api|auth|admin)\//;

export function createApi(options: ApiOptions): Api {
  const router = findMyWay({ caseSensitive: true, maxParamLength: 128 });
  for (const spec of options.routes) router.on(spec.method, spec.path, () => {}, spec);
  const answersPreflight = crossOrigin(options.corsOrigins);
  const addressOf = clientAddressBehind(options.trustedProxies);

  const find = (method: string, path: string): Found | null => {
    // Null also for a path that cannot be decoded.
    const found = router.find(method as findMyWay.HTTPMethod, path);
    if (found === null || !isWritten(found.store.path, path)) return null;
    return { spec: found.store as RouteSpec, params: found.params };
  };
  const methodsOf = (path: string): string[] => METHODS.filter((method) => find(method, path) !== null);

  async function respond(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const method = request.method === "HEAD" ? "GET" : request.method!;
    const found = find(method, path);
    if (found === null) {
      const allowed = methodsOf(path);
      if (allowed.length === 0) throw new Problem("ROUTE_UNKNOWN");
      throw new Problem("METHOD_NOT_ALLOWED", undefined, { headers: { allow: allowed.join(", ") } });
    }
    const { spec } = found;
    const address = addressOf(request);
    const isForOperators = spec.access === "operator";
    const token = isForOperators ? null : bearerOf(request);
    const operator = isForOperators ? await admitOperator(options, spec, request, response, address) : null;
    if (!isForOperators) setHeaders(response, await countRequest(options, spec, token, address));
    const session = spec.access === "player" ? await options.sessions.authenticate(token) : null;
    // Banned players may still see, export and delete their own data.
    if (session !== null && spec.problems?.includes("BANNED")) refuseBanned(session);
    const context = {
      params: parse("path", spec.params, found.params),
      query: parse("query", spec.query, queryOf(request)),
      body: parse("body", spec.body, spec.body === undefined ? undefined : await readBody(request)),
      ...{ session, operator, token, address, request, response },
    };
    const result = await spec.handle(context);
    if (result !== null) send(spec, result, request, response, options.checkResponses === true);
  }

  return {
    matches: (request) => OWN_PATHS.test(pathOf(request)) || methodsOf(pathOf(request)).length > 0,
    async handle(request, response) {
      if (answersPreflight(request, response)) return;
      const path = pathOf(request);
      try {
        await respond(request, response, path);
      } catch (error) {
        const problem = toProblem(error);
        if (problem.code === "INTERNAL") options.onError(error, request.method!, path);
        sendProblem(problem, request, response);
      }
    },
  };
}

/**
 * Whether the fixed parts of a route's path stand in the target as they are. The router also finds `/%61dmin/log` and `/admin/log#x`,
 * which a proxy that closes `/admin/log` does not know as this path.
 */
function isWritten(routePath: string, path: string): boolean {
  const parts = path.split("/");
  return routePath.split("/").every((part, at) => part.startsWith(":") || part === parts[at]);
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

/** Counts only requests of operators, so that nobody else can use up their limit. */
function admitOperator(
  { limits, operators }: Pick<ApiOptions, "limits" | "operators">,
  { role = "administer", limit }: RouteSpec,
  request: IncomingMessage,
  response: ServerResponse,
  address: string,
): Promise<Operator> {
  return operators.require(request, address, role, async ({ name }) => {
    if (limit !== null) setHeaders(response, await limits.take(limit, `${networkOf(address)} ${name}`));
  });
}

/** Resolves to the `RateLimit-*` headers. Throws `TOO_MANY_REQUESTS`. */
async function countRequest(
  { limits, sessions }: Pick<ApiOptions, "limits" | "sessions">,
  { limit }: RouteSpec,
  token: string | null,
  address: string,
): Promise<Record<string, string>> {
  if (limit === null) return {};
  return limits.takeRequest(limit, token === null ? null : await sessions.callerOf(token), address);
}

/** A parameter that occurs twice becomes a list, which no route accepts. */
function queryOf({ url = "/" }: IncomingMessage): ParsedUrlQuery {
  const start = url.indexOf("?");
  return start < 0 ? {} : querystring.parse(url.slice(start + 1));
}

function parse(where: string, schema: z.ZodType | undefined, value: unknown): any {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(where === "query" ? { ...(value as object) } : value);
  if (parsed.success) return parsed.data;
  // Of a missing body, the problem names the first field that is missing.
  const { error = parsed.error } = value === undefined ? schema.safeParse({}) : parsed;
  const { path, message } = error.issues[0];
  throw new Problem("INPUT_INVALID", `${[where, ...path].join(".")}: ${message}`);
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const name in headers) response.setHeader(name, headers[name]);
}

function send(
  spec: RouteSpec,
  result: RouteResponse<any>,
  request: IncomingMessage,
  response: ServerResponse,
  check: boolean,
): void {
  const { status, headers = {}, body } = result as { status: number; headers?: Record<string, string>; body?: unknown };
  const { schema } = spec.responses[status];
  if (check && schema !== undefined) schema.parse(body);
  setHeaders(response, headers);
  closeIfUnread(request, response);
  response.statusCode = status;
  if (!response.hasHeader("cache-control")) response.setHeader("cache-control", "no-store");
  if (schema === undefined) {
    response.end();
    return;
  }
  const text = JSON.stringify(body);
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.setHeader("content-length", Buffer.byteLength(text));
  response.end(request.method === "HEAD" ? undefined : text);
}
