/**
 * Reserves several seats of a room in one call, on whichever process the room runs.
 *
 * Reason: the public `matchMaker.reserveMultipleSeatsFor` takes no time limit, and reports a room as full when its process does not
 * answer.
 * Remove when: upstream offers `reserveMultipleSeatsFor` with a time limit, and with an error of its own for a process that is gone.
 */
import { matchMaker } from "@colyseus/core";

export interface SeatRequest {
  readonly sessionId: string;
  /** Passed to `onJoin`. Copied as JSON on the way to another process, as is `auth`. */
  readonly options: object;
  readonly auth: object;
}

/** For each of `seats`, whether it was reserved. Rejects when the room is gone or its process does not answer. */
export function reserveSeats(roomId: string, seats: readonly SeatRequest[], seconds: number): Promise<boolean[]> {
  return matchMaker.remoteRoomCall<any>(roomId, "_reserveMultipleSeats", [
    seats.map(({ sessionId }) => sessionId),
    seats.map(({ options }) => options),
    seats.map(({ auth }) => auth),
    seconds,
  ]);
}
