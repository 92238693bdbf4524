/** Translates the close code of a connection into the reason why a player left, and chooses the code with which a room closes. */
import { closeCodes } from "../schema/codes.ts";
import type { QueuedEntry } from "../schema/joinOptions.ts";
import type { PlayerMessage } from "../schema/playerEvents.ts";
import { queueCloseCodes } from "../schema/queueCodes.ts";
import type { Match } from "./match/Match.ts";

/** Codes after which the SDK reconnects: page left, no code, connection lost, reconnection requested by the server. */
const RECONNECTABLE = new Set([1001, 1005, 1006, 4010]);

export const canReconnect = (code: number): boolean => RECONNECTABLE.has(code);

/** Returns the `reason` of the event `left`. */
export function leaveReason(code: number): "left" | "dropped" | "removed" {
  if (code === closeCodes.CONSENTED.code) return "left";
  return canReconnect(code) ? "dropped" : "removed";
}

const lowerNames = (codes: Record<string, { readonly code: number }>): ReadonlyMap<number, string> =>
  new Map(Object.entries(codes).map(([name, { code }]) => [code, name.toLowerCase()]));

// Matches and the queue have different names for 1000.
const reasonsOfMatches = lowerNames({ ...queueCloseCodes, ...closeCodes });
const reasonsOfQueues = lowerNames({ ...closeCodes, ...queueCloseCodes });

/** Returns the `reason` of the events `disconnected` and `party_left`. */
export function disconnectReason(code: number, room: Required<PlayerMessage>["room"]): string {
  if (code === closeCodes.CONSENTED.code) return "left";
  if (canReconnect(code)) return "dropped";
  return (room === "match" ? reasonsOfMatches : reasonsOfQueues).get(code) ?? "closed";
}

/** Returns the code with which a room closes at its last step. */
export function closeCodeOf({ isOver, isBrokenUp, seats }: Match): number {
  if (!isOver) return closeCodes.SERVER_SHUTDOWN.code;
  if (isBrokenUp) return closeCodes.OPPONENT_LEFT.code;
  return seats.playerCount === 0 ? closeCodes.MATCH_ABANDONED.code : closeCodes.MATCH_OVER.code;
}

/**
 * Returns who is to blame for a match of the queue that broke up before its start: those who left (`leavers`, with their close
 * codes), unless an operator removed them. If nobody left, those of the players of `queued` who are not `present`, because they
 * did not come.
 */
export function dodgersOf(
  queued: readonly QueuedEntry[],
  leavers: ReadonlyMap<string, number>,
  present: readonly string[],
): string[] {
  if (leavers.size > 0)
    return [...leavers].filter(([, code]) => code !== closeCodes.KICKED.code).map(([playerId]) => playerId);
  const players = queued.flatMap((entry) => entry.players.map(({ playerId }) => playerId));
  return players.filter((playerId) => !present.includes(playerId));
}
