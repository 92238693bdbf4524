/**
 * Owns the last line before a room's message handling: bytes that cannot be decoded close the one connection that they
 * came from, and nothing else.
 *
 * The framework decodes message types outside of its own try, so that a truncated message throws out of the socket's
 * event and would take the process down.
 */
import type { Client, Room } from "@colyseus/core";
import { closeCodes } from "../schema/codes.ts";
import type { RoomLog } from "./services.ts";

type Deliver = (client: Client, bytes: Buffer) => void;

/** Call before the first client joins. */
export function guardMessages(room: Room, log: RoomLog): void {
  const inner = room as unknown as { _onMessage: Deliver };
  const deliver = inner._onMessage;
  inner._onMessage = (client, bytes) => {
    try {
      deliver.call(room, client, bytes);
    } catch (error) {
      log.warn({ roomId: room.roomId, reason: String(error) }, "a message could not be decoded");
      client.leave(closeCodes.MESSAGE_INVALID.code);
    }
  };
}
