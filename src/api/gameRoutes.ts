/** The routes of the studio's games, as routes of this API. */
import * as z from "zod";
import type { GameBackend } from "../game/Backend.ts";
import { type GameRoute, RouteRefusal } from "../game/GameRoute.ts";
import { within } from "../platform/async/waiting.ts";
import { isUnavailable } from "../platform/sql/DatabaseUnavailable.ts";
import type { Sql } from "../platform/sql/Sql.ts";
import { playerValuesOf } from "../players/database/playerValues.ts";
import { openApiDocument } from "./openApiDocument.ts";
import { Problem, type ProblemCode } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

const HANDLE_WITHIN_MS = 10_000;

const REFUSALS: Readonly<Record<RouteRefusal["why"], ProblemCode>> = {
  forbidden: "GAME_FORBIDDEN",
  missing: "GAME_MISSING",
  conflict: "GAME_CONFLICT",
};

/**
 * `platform`: the other routes of the API. Throws an error that names the game and the route, if the OpenAPI document cannot describe it
 * together with them.
 */
export function gameRoutes(
  sql: Sql,
  backends: readonly GameBackend[],
  platform: readonly RouteSpec[],
  withinMs: number = HANDLE_WITHIN_MS,
): RouteSpec[] {
  const all = backends.flatMap(({ game, routes = [] }) => routes.map((own) => mounted(sql, game, own, withinMs)));
  const reasonAt = (count: number) => reasonWithoutDocument([...platform, ...all.slice(0, count)]);
  if (all.length === 0 || reasonAt(all.length) === null) return all;
  const first = all.findIndex((_, at) => reasonAt(at + 1) !== null);
  const { method, path, tag } = all[first];
  const reason = reasonAt(first + 1);
  throw new Error(
    `${tag}: route ${method} ${path}: the OpenAPI document cannot describe its schemas: ${reason}. Use schemas that JSON Schema can express, with ids of their own`,
  );
}

/** Null if there is a document of these routes; otherwise why there is none, in one line. */
function reasonWithoutDocument(routes: readonly RouteSpec[]): string | null {
  try {
    openApiDocument(routes, "");
    return null;
  } catch (error) {
    return (error as Error).message.split("\n")[0].replace(/\.$/, "");
  }
}

function mounted(sql: Sql, game: string, own: GameRoute, withinMs: number): RouteSpec {
  const { method, summary, auth, params, query, body, answer } = own;
  const isRead = method === "GET";
  const store = playerValuesOf(sql, game);
  const path = `/api/v1/games/${game}${own.path}`;
  return route({
    ...{ method, path, summary, tag: game, params, body },
    query: query ?? z.strictObject({}),
    access: auth === "player" ? "player" : "anyone",
    limit: isRead ? "read" : "write",
    responses: { 200: { description: "The answer of the game", schema: answer } },
    problems: [...Object.values(REFUSALS), ...(auth === "player" && !isRead ? (["BANNED"] as const) : [])],
    async handle({ params, query, body, session }) {
      const player = session && { id: session.playerId, name: session.name, kind: session.kind };
      try {
        const work = (async () => own.handle({ params, query, body, player, store }))();
        const found = await within(withinMs, work, `it has not answered within ${withinMs / 1000} s`);
        return { status: 200, body: checked(answer, found) };
      } catch (error) {
        throw problemOf(error, `${method} ${path}`);
      }
    },
  });
}

function checked(answer: z.ZodType, found: unknown): unknown {
  const parsed = answer.safeParse(found);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0];
  throw new Error(`its answer does not have the declared shape: ${["answer", ...path].join(".")}: ${message}`);
}

/** Whatever a route throws, the client learns only what the route says in a `RouteRefusal`. */
function problemOf(error: unknown, where: string): unknown {
  if (error instanceof RouteRefusal) return new Problem(REFUSALS[error.why], error.message);
  if (isUnavailable(error)) return error;
  return new Error(`the game's route ${where} failed: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });
}
