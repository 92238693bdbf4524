/**
 * The studio's own REST routes, below `/api/v1/games/NAME`. Limits, tokens, inputs, answers, problem details and the OpenAPI document are
 * those of the platform's own routes.
 */
import * as z from "zod";
import type { PlayerValues } from "./PlayerValues.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
const AUTHS = ["player", "none"] as const;

/** The player whose token the request has. */
export interface GamePlayer {
  readonly id: string;
  /** Null for an account without a name. */
  readonly name: string | null;
  /** A guest is `anonymous`. */
  readonly kind: "anonymous" | "account";
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

export interface RouteContext<P, Q, B, A> {
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: Parsed<B>;
  readonly player: A extends "player" ? GamePlayer : null;
  /** The values that this game keeps about any of its players. Each write is a transaction of its own. */
  readonly store: PlayerValues;
}

export interface GameRoute<
  P extends z.ZodObject | undefined = any,
  Q extends z.ZodObject | undefined = any,
  B extends z.ZodType | undefined = any,
  R extends z.ZodType = any,
  A extends (typeof AUTHS)[number] = any,
> {
  readonly method: (typeof METHODS)[number];
  /** Below `/api/v1/games/NAME`: parts of lower-case letters, digits and hyphens, or parameters, such as `/shop/:item`. */
  readonly path: string;
  /** What the route does, for the OpenAPI document. */
  readonly summary: string;
  /** `player` needs the token of a player; except for GET, a player who is not banned. */
  readonly auth: A;
  /** Has each parameter of the path, and no other. */
  readonly params?: P;
  /** The query; none is allowed if absent. */
  readonly query?: Q;
  /** Of JSON, at most 16 KiB. Not with GET or DELETE. */
  readonly body?: B;
  /** Of JSON. Fields that it does not have are removed from the answer. */
  readonly answer: R;
  /**
   * Resolves to the answer, within 10 s. To refuse a request, throw a `RouteRefusal`. Any other error is a fault of the route: it is logged,
   * and the client gets 500 without it.
   */
  handle(context: RouteContext<P, Q, B, A>): Promise<z.input<R>> | z.input<R>;
}

/** Declares a route. `defineBackend` checks it. */
export function gameRoute<
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends z.ZodType | undefined = undefined,
  R extends z.ZodType = z.ZodType,
  const A extends (typeof AUTHS)[number] = (typeof AUTHS)[number],
>(route: GameRoute<P, Q, B, R, A>): GameRoute {
  return route;
}

/** Why a route refuses a request: the response has the status 403, 404 or 409, and `detail`, which players may read. */
export class RouteRefusal extends Error {
  readonly why: "forbidden" | "missing" | "conflict";

  constructor(why: RouteRefusal["why"], detail: string) {
    super(detail);
    this.why = why;
  }
}

const FIELDS = ["method", "path", "summary", "auth", "params", "query", "body", "answer", "handle"];
const PATH = /^(\/(:[A-Za-z]+|[a-z0-9][a-z0-9-]*))+$/;
const PATH_LENGTH_MAX = 100;

/** What is wrong with the routes, as one line that names the first such route and the remedy; null if nothing is. */
export function problemOfRoutes(routes: readonly GameRoute[]): string | null {
  if (!Array.isArray(routes)) return "routes is not a list: expected results of gameRoute";
  const known = new Set<string>();
  for (const [at, route] of routes.entries()) {
    if (typeof route !== "object" || route === null) return `routes[${at}] is no route: expected a result of gameRoute`;
    const { method, path } = route;
    const problem = problemOf(route);
    if (problem !== null) return `route ${method} ${path} (routes[${at}]): ${problem}`;
    const id = `${method} ${path.replace(/:[A-Za-z]+/g, ":")}`;
    if (known.has(id))
      return `route ${method} ${path} (routes[${at}]): another route has this method and path: change one of them`;
    known.add(id);
  }
  return null;
}

function problemOf(route: GameRoute): string | null {
  const { method, path, summary, auth, params, query, body, answer, handle } = route;
  const unknown = Object.keys(route).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) return `unknown field ${JSON.stringify(unknown)}: expected ${FIELDS.join(", ")}`;
  if (!METHODS.includes(method)) return `invalid method: expected ${METHODS.join(", ")}`;
  if (typeof path !== "string" || !PATH.test(path) || path.length > PATH_LENGTH_MAX)
    return `invalid path: expected parts of lower-case letters, digits and hyphens, or :parameters of letters, such as "/shop/:item"`;
  if (typeof summary !== "string" || summary.trim() === "")
    return "summary is missing: expected a text that says what the route does";
  if (!AUTHS.includes(auth)) return `invalid auth: expected ${AUTHS.map((one) => `"${one}"`).join(" or ")}`;
  if (typeof handle !== "function")
    return "handle is not a function: expected handle({ params, query, body, player, store })";
  if (!isSchema(answer)) return "answer is no zod schema: expected the schema of the answer";
  if (body !== undefined && !isSchema(body)) return "body is no zod schema: expected the schema of the body";
  if (body !== undefined && ["GET", "DELETE"].includes(method)) return `${method} has no body: use query, or POST`;
  for (const [name, schema] of Object.entries({ params, query }))
    if (schema !== undefined && (!isSchema(schema) || typeof schema.shape !== "object"))
      return `${name} is no zod object: expected z.object({ … })`;
  const named = [...path.matchAll(/:([A-Za-z]+)/g)].map((match) => match[1]);
  if (new Set(named).size < named.length) return "two parameters of the path have one name: rename one of them";
  const declared = Object.keys(params?.shape ?? {});
  if (named.sort().join() !== declared.sort().join())
    return `params has [${declared}], the path has [${named}]: expected the same names`;
  return null;
}

/** Also true for a schema of another copy of zod 4. */
const isSchema = (value: unknown): boolean => value instanceof z.ZodType;
