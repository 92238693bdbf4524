/** Owns what the code that closed a connection says of why a player went, and with which code a room closes. */
import { closeCodes } from "../schema/codes.ts";
import type { Match } from "./match/Match.ts";

/** Those on which the SDK tries to come back: the page went away, no code, the line was lost, the server asked for it. */
const RECONNECTABLE = new Set([1001, 1005, 1006, 4010]);

export const canReconnect = (code: number): boolean => RECONNECTABLE.has(code);

/** `reason` of the event `left`. */
export function leaveReason(code: number): "left" | "dropped" | "removed" {
  if (code === closeCodes.CONSENTED.code) return "left";
  return canReconnect(code) ? "dropped" : "removed";
}

/** With which code a room closes whose time is over. */
export function closeCodeOf({ isOver, seats }: Match): number {
  if (!isOver) return closeCodes.SERVER_SHUTDOWN.code;
  return seats.playerCount === 0 ? closeCodes.MATCH_ABANDONED.code : closeCodes.MATCH_OVER.code;
}
