import { matchMaker } from "@colyseus/core";
import { Problem } from "../../api/problems.ts";
import type { MonitoredRooms } from "../api/monitorRequests.ts";

/** Rejects with `UNAVAILABLE` if the process of the room does not answer. */
const call = (roomId: string, method: string, args: readonly unknown[]): Promise<unknown> =>
  matchMaker.remoteRoomCall<any>(roomId, method, [...args]).catch(() => {
    throw new Problem("UNAVAILABLE", "The room did not answer.");
  });

export const monitoredRooms: MonitoredRooms = {
  isOpen: async (roomId) => (await matchMaker.query({ roomId })).length > 0,
  playerOf: async (roomId, sessionId) =>
    ((await call(roomId, "playerOfSession", [sessionId])) as string | null) ?? null,
  kick: async (roomId, playerId) => Number(await call(roomId, "kick", [playerId, "kicked"])) > 0,
  async call(roomId, method, args) {
    await call(roomId, method, args);
  },
};
