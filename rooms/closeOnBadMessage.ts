/**
 * Owns the last line before a room's message handling: bytes that cannot be decoded close the one connection that they
 * came from, and nothing else.
 */
import type { Room } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";
import { catchMessageErrors } from "../src/platform/adapters/colyseus/catchMessageErrors.ts";
import type { RoomLog } from "./services.ts";

/** Call before the first client joins. */
export function closeOnBadMessage(room: Room, log: RoomLog): void {
  catchMessageErrors(room, (client, error) => {
    log.warn({ roomId: room.roomId, reason: String(error) }, "a message could not be decoded");
    client.leave(closeCodes.MESSAGE_INVALID.code);
  });
}
