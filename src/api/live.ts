/** Owns the door to `/live`: who may listen to what. The stream itself is the live feed's. */
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import { TokenError } from "../players/auth/Tokens.ts";
import type { Authenticator } from "./createApi.ts";
import { type RouteSpec, route } from "./Route.ts";

/** Whose own events are asked for, and whether the token is still good. */
export interface LiveListener {
  readonly playerId: string;
  mayListen(): Promise<boolean>;
}

/** Serves the stream until the client goes, or may no longer listen. Null: what everybody may see. */
export type ServeLive = (
  request: IncomingMessage,
  response: ServerResponse,
  listener: LiveListener | null,
) => void | Promise<void>;

const entryId = z.string().regex(/^\d{1,15}-\d{1,15}$/, "an id is number-number");

/** As the document of the API tells it. */
const events = `Without \`scope\`, what everybody may see: \`started\`, \`ended\`, \`kill\`, \`stats\`. With \`scope=me\`, what is
the player's own, and nothing else: \`match_found\` { game, matchId, mode, strategy, region, party, waitMs, at }, \`rating_changed\`
{ game, matchId, mode, rating, change, at } and \`party_invitation\` { partyId, from, at }. The names are those of the events, \`data\` is
JSON, \`at\` is in Unix ms. \`Last-Event-ID\` (or \`lastEventId\` in the query) resumes. The stream ends soon after its token was made void.`;

export function liveRoutes(sessions: Authenticator, serve: ServeLive): RouteSpec[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/live",
      summary: "Server-sent events: matches, kills, statistics; with a token and `scope=me` one's own",
      tag: "live",
      access: "optional",
      limit: "read",
      query: z.strictObject({ scope: z.literal("me").optional(), lastEventId: entryId.optional() }),
      responses: { 200: { description: events, mediaType: "text/event-stream" } },
      problems: ["TOKEN_MISSING", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED", "IDENTITY_UNAVAILABLE"],
      async handle({ query, token, request, response }) {
        await serve(request, response, query.scope === "me" ? await listenerOf(sessions, token) : null);
        return null;
      },
    }),
  ];
}

async function listenerOf(sessions: Authenticator, token: string | null): Promise<LiveListener> {
  const { playerId } = await sessions.authenticate(token);
  return {
    playerId,
    mayListen: () =>
      sessions.authenticate(token).then(
        () => true,
        // With the store away nobody is told that a token has become void.
        (error) => !(error instanceof TokenError),
      ),
  };
}
