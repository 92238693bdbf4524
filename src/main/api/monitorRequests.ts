/** The requests of `/monitor`. */
import * as z from "zod";
import type { OperatorAct } from "../../api/operators/OperatorLog.ts";
import { Problem } from "../../api/problems.ts";
import { MONITOR_KICK, monitorMethods } from "../../platform/adapters/colyseus/monitorMethods.ts";
import { pageRequest, readReason } from "./toolReasons.ts";
import {
  isRead,
  type Judge,
  onlyPost,
  readInput,
  reading,
  readParameters,
  type ToolRoutes,
  type ToolWork,
  unknownRequest,
} from "./toolRequest.ts";

/** The rooms of all processes. */
export interface MonitoredRooms {
  isOpen(roomId: string): Promise<boolean>;
  /** Resolves to null if the room has no connected client with this session. */
  playerOf(roomId: string, sessionId: string): Promise<string | null>;
  /** Removes a player for good, connected or not. Resolves to whether the room had the player. */
  kick(roomId: string, playerId: string): Promise<boolean>;
  call(roomId: string, method: string, args: readonly unknown[]): Promise<void>;
}

const CALL = "/api/room/call";
/** Matches no `..` and no encoded characters. */
const ASSET = /^\/assets\/[\w-]+(\.\w+)+$/;
/** Of what is recorded. A longer call is refused, because the record must show all of it. */
const DETAIL_MAX = 2000;

export function monitorJudge(routes: ToolRoutes, rooms: MonitoredRooms): Judge {
  return ({ method, path, query }) => {
    if (path === CALL) {
      // A link can make a browser send GET with the operator's password.
      if (method !== "POST") return onlyPost;
      const isKick = query.getAll("method").join() === MONITOR_KICK;
      return { role: isKick ? "moderate" : "administer", prepare: () => prepareCall(query, rooms) };
    }
    if (!isRead(method)) return unknownRequest;
    const page = pageRequest(path, routes["monitor-index"], { acts: /\/api\/room\/call$/ });
    if (page !== null) return page;
    if (path === "/api") return reading(() => routes["monitor-api-rooms"]({}));
    if (path === "/api/room") {
      const roomId = query.get("roomId") ?? "";
      return reading(() => routes["monitor-api-room"]({ query: { roomId } }));
    }
    return ASSET.test(path)
      ? reading(() => routes["monitor-static"]({ params: { splat: path.slice(1) } }))
      : unknownRequest;
  };
}

const call = z.object({
  roomId: z.string().min(1).max(100),
  method: z.enum([...monitorMethods.keys()]),
  args: z.string(),
});

async function prepareCall(query: URLSearchParams, rooms: MonitoredRooms): Promise<ToolWork> {
  const given = readParameters(query, [...Object.keys(call.shape), "reason"]);
  const reason = readReason("/monitor", given);
  const { roomId, method, args: text } = readInput("query", call, given);
  const { args: schema, isAboutClient } = monitorMethods.get(method)!;
  const args = readInput("args", schema, readJson(text));
  const detail = `${method} ${JSON.stringify(args)}`;
  if (detail.length > DETAIL_MAX)
    throw new Problem(
      "INPUT_INVALID",
      `args: the call has ${detail.length} characters: expected at most ${DETAIL_MAX}`,
    );
  if (!(await rooms.isOpen(roomId))) throw new Problem("ROOM_UNKNOWN");
  const player = isAboutClient ? await rooms.playerOf(roomId, String(args[0])) : undefined;
  if (player === null)
    throw new Problem(
      "PLAYER_UNKNOWN",
      `The room has no connected client with the session id ${JSON.stringify(args[0])}.`,
    );
  const act: OperatorAct = { act: "monitor_call", room: roomId, player, detail, reason };
  return {
    act,
    async run() {
      // The monitor's own method only closes the connection: the client would reconnect and have its seat again.
      if (method !== MONITOR_KICK) await rooms.call(roomId, method, args);
      else if (!(await rooms.kick(roomId, player!)))
        throw new Problem("PLAYER_UNKNOWN", "The player has left the room.");
      return {};
    },
  };
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem("INPUT_INVALID", "args: expected a JSON array");
  }
}
