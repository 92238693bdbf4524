/**
 * Reads and drops a room's seat reservations.
 *
 * Reason: the load of a process counts reserved seats, and the framework has no public count of them. A closing room must drop its
 * reservations: otherwise a client takes its seat in a room that no longer runs, and the timers keep the process alive after the
 * room is disposed.
 * Remove when: upstream offers a public count of a room's unused reservations, and `Room.disconnect` itself drops them and their timers.
 */
import type { Room } from "@colyseus/core";

interface RoomWithReservations {
  /** By session id. `isTaken`: the client has connected. `isReconnection`: made by `allowReconnection`. */
  readonly _reservedSeats: Record<string, [options: unknown, auth: unknown, isTaken: boolean, isReconnection: boolean]>;
  readonly _reservedSeatTimeouts: Record<string, NodeJS.Timeout>;
}

/** Seats that are reserved for clients that have not connected yet, or that are awaited back. */
export function countReservedSeats(room: Room): number {
  let reserved = 0;
  const { _reservedSeats: seats } = room as unknown as RoomWithReservations;
  for (const [, , isTaken] of Object.values(seats)) if (!isTaken) reserved++;
  return reserved;
}

/** Frees the seats that no client has taken, and stops all timers. Reservations for a reconnection stay: the framework ends those itself. */
export function dropReservations(room: Room): void {
  const { _reservedSeats: seats, _reservedSeatTimeouts: timers } = room as unknown as RoomWithReservations;
  for (const [sessionId, [, , isTaken, isReconnection]] of Object.entries(seats))
    if (!isTaken && !isReconnection) delete seats[sessionId];
  for (const timer of Object.values(timers)) clearTimeout(timer);
}
