import * as z from "zod";
import type { Sql } from "../platform/sql/Sql.ts";
import { banPlayer } from "../players/database/players.ts";
import type { Sessions } from "../players/identity/Sessions.ts";
import { playerId } from "./parameterSchemas.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";

interface AdminOptions {
  readonly sql: Sql;
  readonly sessions: Sessions;
  /** Removes a player from all rooms and queues on all processes. Resolves to the number of removals. */
  readonly kick: (playerId: string, reason: string) => Promise<number>;
  readonly now?: () => number;
}

const common = { tag: "admin", access: "operator", limit: "operator", params: z.object({ id: playerId }) } as const;
const kicked = z.object({
  kicked: z
    .int()
    .min(0)
    .meta({ description: "Number of matches, queues, parties and tickets that the player was removed from" }),
});

export function adminRoutes({ sql, sessions, kick, now = Date.now }: AdminOptions): RouteSpec[] {
  const ban = async (playerId: string, until: Date | null, reason: string | null) => {
    if (!(await banPlayer(sql, playerId, until, reason))) throw new Problem("PLAYER_UNKNOWN");
    sessions.forget(playerId);
  };
  return [
    route({
      ...common,
      method: "POST",
      path: "/admin/players/:id/kick",
      summary: "Remove a player from all matches, queues, parties and tickets",
      responses: { 200: { description: "The player was removed", schema: kicked } },
      async handle({ params }) {
        return { status: 200, body: { kicked: await kick(params.id, "kicked") } };
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: "/admin/players/:id/ban",
      summary: "Ban a player until a given time, and remove the player from everything",
      body: z.strictObject({ until: z.iso.datetime({ offset: true }), reason: z.string().max(200).optional() }),
      responses: {
        200: {
          description:
            "The player is banned. A ban reaches other processes within a few seconds; players who joined meanwhile are then removed.",
          schema: kicked,
        },
      },
      problems: ["PLAYER_UNKNOWN"],
      async handle({ params, body }) {
        const until = new Date(body.until);
        await ban(params.id, until, body.reason ?? null);
        // A ban that has already ended removes nobody.
        const kicked = until.getTime() > now() ? await kick(params.id, "banned") : 0;
        return { status: 200, body: { kicked } };
      },
    }),
    route({
      ...common,
      method: "DELETE",
      path: "/admin/players/:id/ban",
      summary: "Lift a ban",
      responses: { 204: { description: "The ban is lifted" } },
      problems: ["PLAYER_UNKNOWN"],
      async handle({ params }) {
        await ban(params.id, null, null);
        return { status: 204 };
      },
    }),
  ];
}
