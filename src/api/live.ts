/** `/live`: who may read which events. The live feed writes the stream itself. */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import * as z from "zod";
import type { Requester } from "../../schema/joinOptions.ts";
import type { Quotas } from "../matchmaking/quotas/Quotas.ts";
import { TokenError } from "../players/auth/Tokens.ts";
import type { Authenticator } from "./createApi.ts";
import { networkOf } from "./limits.ts";
import { TOKEN_PROBLEMS } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

/** The player whose own events are streamed. `mayListen` resolves false once the token is no longer valid. */
export interface LiveListener {
  readonly playerId: string;
  mayListen(): Promise<boolean>;
}

/** Serves the stream until the client disconnects or may no longer listen. A null `listener` gets the public events. */
export type ServeLive = (
  request: IncomingMessage,
  response: ServerResponse,
  listener: LiveListener | null,
) => void | Promise<void>;

const entryId = z.string().regex(/^\d{1,15}-\d{1,15}$/, "expected an event id: number-number");

/** Shown in the API documentation. */
const events = `Without \`scope\`, the public events: \`started\`, \`ended\`, \`kill\`, \`stats\`. With \`scope=me\`, only the
player's own events: \`match_found\` { game, matchId, mode, strategy, region, party, waitMs, at }, \`rating_changed\`
{ game, matchId, mode, rating, change, at }, \`party_invitation\` { partyId, from, at } and \`operator_message\` { text, at }.
Every stream has \`announce\` { text, at }. These are the SSE event names. \`data\` is
JSON, and \`at\` is in Unix ms. \`Last-Event-ID\` (or \`lastEventId\` in the query) resumes a stream. The stream ends soon after its token was revoked.`;

export type StreamQuotas = Pick<Quotas, "take" | "release">;

export function liveRoutes(sessions: Authenticator, quotas: StreamQuotas, serve: ServeLive): RouteSpec[] {
  return [
    route({
      method: "GET",
      path: "/api/v1/live",
      summary:
        "Server-sent events: matches, kills and statistics; with a token and `scope=me`, the player's own events",
      tag: "live",
      access: "optional",
      limit: "read",
      query: z.strictObject({ scope: z.literal("me").optional(), lastEventId: entryId.optional() }),
      responses: { 200: { description: events, mediaType: "text/event-stream" } },
      problems: [...TOKEN_PROBLEMS, "IDENTITY_UNAVAILABLE", "TOO_MANY_STREAMS"],
      async handle({ query, token, address, request, response }) {
        const listener = query.scope === "me" ? await listenerOf(sessions, token) : null;
        const playerId = token === null ? null : await sessions.callerOf(token);
        await countStream(quotas, { playerId, network: networkOf(address) }, response);
        await serve(request, response, listener);
        return null;
      },
    }),
  ];
}

/** Counts the stream until its connection closes. Rejects with `QuotaReached`. */
async function countStream(quotas: StreamQuotas, who: Requester, response: ServerResponse): Promise<void> {
  const id = randomUUID();
  const release = () => void quotas.release("streams", who, id);
  response.once("close", release);
  await quotas.take("streams", who, id);
  // If the connection closed while `take` waited, the stream was released before it was counted.
  if (response.destroyed || response.closed) release();
}

async function listenerOf(sessions: Pick<Authenticator, "authenticate">, token: string | null): Promise<LiveListener> {
  const { playerId } = await sessions.authenticate(token);
  return {
    playerId,
    mayListen: () =>
      sessions.authenticate(token).then(
        () => true,
        // While the database is unavailable, a revoked token cannot be detected, so the stream continues.
        (error) => !(error instanceof TokenError),
      ),
  };
}
