/** Owns the door to `/live`: who may listen to what. The stream itself is the live feed's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { Sessions } from "../identity/Sessions.ts";
import { type RouteSpec, route } from "./Route.ts";

/** Serves the stream until the client goes. `playerId`: whose own events come as well; null without `scope=me`. */
export type ServeLive = (
  request: IncomingMessage,
  response: ServerResponse,
  playerId: string | null,
) => void | Promise<void>;

export function liveRoutes(sessions: Sessions, serve: ServeLive): RouteSpec[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/live",
      summary: "Server-sent events: matches, kills, statistics; with a token and `scope=me` one's own",
      tag: "live",
      access: "maybe",
      limit: "read",
      query: z.strictObject({ scope: z.literal("me").optional() }),
      answers: { 200: { description: "A stream without an end", mediaType: "text/event-stream" } },
      problems: ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED", "IDENTITY_UNAVAILABLE"],
      async handle({ query, token, request, response }) {
        const session = query.scope === "me" ? await sessions.authenticate(token) : null;
        await serve(request, response, session?.playerId ?? null);
        return null;
      },
    }),
  ];
}
