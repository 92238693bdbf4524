import * as z from "zod";
import { OPERATOR_TEXT_LENGTH_MAX } from "../../schema/operatorMessages.ts";
import type { Sql } from "../platform/sql/Sql.ts";
import { readOperatorActs } from "../players/database/operatorActs.ts";
import { banPlayer } from "../players/database/players.ts";
import type { Sessions } from "../players/identity/Sessions.ts";
import type { Operator } from "./operators/Operator.ts";
import type { OperatorAct, OperatorLog } from "./operators/OperatorLog.ts";
import { reason, VISIBLE } from "./operators/reasonOfAct.ts";
import { matchId, playerId, wholeNumber } from "./parameterSchemas.ts";
import { Problem } from "./problems.ts";
import { type RouteSpec, route } from "./Route.ts";
import { RETRY } from "./toProblem.ts";

export interface AdminOptions {
  readonly sql: Sql;
  readonly sessions: Sessions;
  readonly log: OperatorLog;
  /** Removes a player from all rooms and queues on all processes. Resolves to the number of removals. */
  readonly kick: (playerId: string, reason: string) => Promise<number>;
  /** Sends a text to a player, or to everyone if it is null, on all processes. Rejects if it may have reached nobody. */
  readonly sendText: (playerId: string | null, text: string) => Promise<z.input<typeof reached>>;
  /** Lets the matches of this process end, then stops it. Returns at once; may be called again. */
  readonly drain: () => void;
  /** Of this process, for the log. */
  readonly processName: string;
  readonly now?: () => number;
}

const operatorRoute = { tag: "admin", access: "operator", limit: "operator" } as const;
const common = { ...operatorRoute, role: "moderate", params: z.object({ id: playerId }) } as const;
const message = z
  .string()
  .max(OPERATOR_TEXT_LENGTH_MAX)
  .regex(VISIBLE, "expected a text that players can see")
  .meta({ description: "Plain text. The log of acts keeps it" });
const reached = z.object({
  processes: z.int().min(0).meta({ description: "Number of processes that have sent it to their clients" }),
  clients: z
    .int()
    .min(0)
    .meta({ description: "Number of connections to matches, queues and parties. Streams of `/live` are not counted" }),
});
const text = z.string().nullable();
const acts = z.object({
  acts: z.array(
    z.object({
      id: z.uuid(),
      at: z.iso.datetime(),
      ...{ operator: z.string(), role: z.string(), act: z.string() },
      ...{ player: text, room: text, detail: text, reason: text },
    }),
  ),
});
const kicked = z.object({
  kicked: z
    .int()
    .min(0)
    .meta({ description: "Number of matches, queues, parties and tickets that the player was removed from" }),
});

export function adminRoutes({
  sql,
  sessions,
  log,
  kick,
  sendText,
  drain,
  processName,
  now = Date.now,
}: AdminOptions): RouteSpec[] {
  const ban = async (operator: Operator, player: string, until: Date | null, reason: string) => {
    const act: OperatorAct =
      until === null ? { act: "unban", player, reason } : { act: "ban", player, reason, detail: until.toISOString() };
    await log.record(operator, act, async (tx) => {
      if (!(await banPlayer(tx, player, until, reason))) throw new Problem("PLAYER_UNKNOWN");
    });
    sessions.forget(player);
  };
  const send = async (player: string | null, text: string) => {
    try {
      return { status: 200, body: await sendText(player, text) } as const;
    } catch {
      const detail = "The act is in the log, but the text may have reached only a part of the clients, or none.";
      throw new Problem("UNAVAILABLE", detail, RETRY);
    }
  };
  return [
    route({
      ...operatorRoute,
      role: "administer",
      method: "POST",
      path: "/admin/announce",
      summary: "Send a text to everyone: to all clients in matches, queues and parties, and on all streams of `/live`",
      body: z.strictObject({ text: message, reason: reason.optional() }),
      responses: { 200: { description: "The text was sent as the message and event `announce`", schema: reached } },
      problems: ["UNAVAILABLE"],
      async handle({ body, operator }) {
        await log.record(operator, { act: "announce", detail: body.text, reason: body.reason ?? null });
        return send(null, body.text);
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/admin/players/:id/message",
      summary: "Send a text to one player: to all clients of the player, and on the player's own streams of `/live`",
      body: z.strictObject({ text: message, reason }),
      responses: {
        200: {
          description:
            "The text was sent as the message and event `operator_message`. No client: the player is offline",
          schema: reached,
        },
      },
      problems: ["UNAVAILABLE"],
      async handle({ params, body, operator }) {
        await log.record(operator, { act: "message", player: params.id, detail: body.text, reason: body.reason });
        return send(params.id, body.text);
      },
    }),
    route({
      ...common,
      method: "POST",
      path: "/admin/players/:id/kick",
      summary: "Remove a player from all matches, queues, parties and tickets",
      body: z.strictObject({ reason }),
      responses: { 200: { description: "The player was removed", schema: kicked } },
      async handle({ params, body, operator }) {
        await log.record(operator, { act: "kick", player: params.id, reason: body.reason });
        return { status: 200, body: { kicked: await kick(params.id, "kicked") } };
      },
    }),
    route({
      ...common,
      method: "PUT",
      path: "/admin/players/:id/ban",
      summary: "Ban a player until a given time, and remove the player from everything",
      body: z.strictObject({ until: z.iso.datetime({ offset: true }), reason }),
      responses: {
        200: {
          description:
            "The player is banned. A ban reaches other processes within a few seconds; players who joined meanwhile are then removed.",
          schema: kicked,
        },
      },
      problems: ["PLAYER_UNKNOWN"],
      async handle({ params, body, operator }) {
        const until = new Date(body.until);
        await ban(operator, params.id, until, body.reason);
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
      body: z.strictObject({ reason }),
      responses: { 204: { description: "The ban is lifted" } },
      problems: ["PLAYER_UNKNOWN"],
      async handle({ params, body, operator }) {
        await ban(operator, params.id, null, body.reason);
        return { status: 204 };
      },
    }),
    route({
      ...operatorRoute,
      role: "administer",
      method: "POST",
      path: "/admin/drain",
      summary:
        "Stop this process as SIGTERM does: it accepts no new players, and its matches continue for up to DRAIN_SECONDS",
      body: z.strictObject({ reason }),
      responses: { 202: { description: "The process is stopping" } },
      async handle({ body, operator }) {
        await log.record(operator, { act: "drain", detail: processName, reason: body.reason });
        drain();
        return { status: 202 };
      },
    }),
    route({
      ...operatorRoute,
      role: "view",
      method: "GET",
      path: "/admin/log",
      summary: "List the acts of operators, the newest first",
      query: z.strictObject({
        limit: wholeNumber(1, 100).optional(),
        before: matchId.optional().meta({ description: "Id of an act: only older ones" }),
        player: playerId.optional(),
      }),
      responses: { 200: { description: "The acts", schema: acts } },
      async handle({ query: { limit = 50, before, player } }) {
        const rows = await readOperatorActs(sql, { limit, before, player });
        return { status: 200, body: { acts: rows.map((row) => ({ ...row, at: row.at.toISOString() })) } };
      },
    }),
  ];
}
