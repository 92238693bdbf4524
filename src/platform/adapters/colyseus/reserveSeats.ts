/**
 * Reserves several seats of a room in one call, on the process that hosts the room.
 *
 * Reason: the public `matchMaker.reserveMultipleSeatsFor` has no timeout parameter, and reports a room as full if its process
 * does not respond.
 * Remove when: upstream offers `reserveMultipleSeatsFor` with a timeout, and with a separate error for a process that does not
 * respond.
 */
import { matchMaker } from "@colyseus/core";

export interface SeatRequest {
  readonly sessionId: string;
  /** Passed to `onJoin`. `options` and `auth` are copied as JSON if the room is in another process. */
  readonly options: object;
  readonly auth: object;
}

/**
 * Resolves to whether each of `seats` was reserved, in their order. Rejects if the room no longer exists or its process does not
 * respond.
 */
export function reserveSeats(roomId: string, seats: readonly SeatRequest[], seconds: number): Promise<boolean[]> {
  return matchMaker.remoteRoomCall<any>(roomId, "_reserveMultipleSeats", [
    seats.map(({ sessionId }) => sessionId),
    seats.map(({ options }) => options),
    seats.map(({ auth }) => auth),
    seconds,
  ]);
}
