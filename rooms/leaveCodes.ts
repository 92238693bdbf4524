/** Translates the close code of a connection into the reason why a player left, and chooses the code with which a room closes. */
import { closeCodes } from "../schema/codes.ts";
import type { Match } from "./match/Match.ts";

/** Codes after which the SDK reconnects: page left, no code, connection lost, reconnection requested by the server. */
const RECONNECTABLE = new Set([1001, 1005, 1006, 4010]);

export const canReconnect = (code: number): boolean => RECONNECTABLE.has(code);

/** Returns the `reason` of the event `left`. */
export function leaveReason(code: number): "left" | "dropped" | "removed" {
  if (code === closeCodes.CONSENTED.code) return "left";
  return canReconnect(code) ? "dropped" : "removed";
}

/** Returns the code with which a room closes at its last step. */
export function closeCodeOf({ isOver, seats }: Match): number {
  if (!isOver) return closeCodes.SERVER_SHUTDOWN.code;
  return seats.playerCount === 0 ? closeCodes.MATCH_ABANDONED.code : closeCodes.MATCH_OVER.code;
}
