/**
 * Counts and drops the seat reservations of a room.
 *
 * Reason: the load of a process includes reserved seats, and the framework has no public count of them. A closing room must drop
 * its reservations. Otherwise a client could take its seat in a room that no longer runs, and the timers would keep the process
 * alive after the room is disposed. If the wait for a reconnection is rejected early, the framework forgets its timer, but does not stop
 * it.
 * Remove when: upstream offers a public count of a room's unused reservations, `Room.disconnect` drops them and their timers, and a
 * rejected reconnection stops its timer.
 */
import type { Client, Deferred, Room } from "@colyseus/core";

interface RoomWithReservations {
  /** By session id. `isTaken`: the client has connected. `isReconnection`: made by `allowReconnection`. */
  readonly _reservedSeats: Record<string, [options: unknown, auth: unknown, isTaken: boolean, isReconnection: boolean]>;
  readonly _reservedSeatTimeouts: Record<string, NodeJS.Timeout>;
}

const NONE: ReadonlySet<string> = new Set();

/**
 * Number of seats reserved for clients that have not connected yet, or that may reconnect. Neither replacements nor the sessions of
 * `except` count.
 */
export function countReservedSeats(room: Room, except: { has(sessionId: string): boolean } = NONE): number {
  let reserved = 0;
  const { _reservedSeats: seats } = room as unknown as RoomWithReservations;
  for (const [sessionId, [, , isTaken]] of Object.entries(seats)) if (!isTaken && !except.has(sessionId)) reserved++;
  return reserved;
}

/**
 * Drops the reservations that no client has used, and stops all reservation timers. The framework itself ends reservations for a
 * reconnection.
 */
export function dropReservations(room: Room): void {
  const { _reservedSeats: seats, _reservedSeatTimeouts: timers } = room as unknown as RoomWithReservations;
  // Those of `reserveReplacement` are not enumerable.
  for (const sessionId of Object.getOwnPropertyNames(seats)) {
    const [, , isTaken, isReconnection] = seats[sessionId];
    if (!isTaken && !isReconnection) delete seats[sessionId];
  }
  for (const timer of Object.values(timers)) clearTimeout(timer);
}

/** Ends the wait for a client that `allowReconnection` has promised a time to come back. */
export function endReconnection(room: Room, sessionId: string, awaited: Deferred<Client>): void {
  clearTimeout((room as unknown as RoomWithReservations)._reservedSeatTimeouts[sessionId]);
  awaited.reject(false);
}
