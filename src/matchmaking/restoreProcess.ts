import { setImmediate as turn } from "node:timers/promises";
import { matchMaker } from "@colyseus/core";
import type { PartyRoomMethods } from "./parties/Parties.ts";
import type { RoomHosts } from "./RoomHosts.ts";

/**
 * Restores data of this process that Redis has lost: room listings, parties, load and rules versions. The queue restores its
 * entries itself. Also removes listings of rooms that this process no longer has: a room that closes while its listing is being
 * restored may leave one behind, and players would be sent to it.
 */
export async function restoreProcess(hosts: RoomHosts | null, partyRoom: string): Promise<void> {
  const { processId, driver } = matchMaker;
  await Promise.all([hosts?.announce(), matchMaker.restoreMissingRoomCaches()]);
  const listed = await matchMaker.query({ processId });
  // A new room is listed a moment before the framework knows it.
  await turn();
  for (const { roomId, name } of listed) {
    const room = matchMaker.getLocalRoomById(roomId);
    if (room === undefined) await driver.remove(roomId);
    else if (name === partyRoom) (room as unknown as PartyRoomMethods).save();
  }
}
