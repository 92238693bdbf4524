import type { Room } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";
import { catchMessageErrors } from "../src/platform/adapters/colyseus/catchMessageErrors.ts";
import type { RoomLog } from "./services.ts";

/**
 * Disconnects each client that sends bytes that cannot be decoded; other clients stay connected. Call before the first client
 * joins.
 */
export function closeOnBadMessage(room: Room, log: RoomLog): void {
  catchMessageErrors(room, (client, error) => {
    log.warn({ roomId: room.roomId, reason: String(error) }, "message could not be decoded; client disconnected");
    client.leave(closeCodes.MESSAGE_INVALID.code);
  });
}
