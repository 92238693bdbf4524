/**
 * Owns a room's seat reservations: how many there are, and their end. The framework lets seats be taken in a room that closes, whose
 * client then sits in nothing, and leaves their timers running after the room has gone, which would keep a process from ending.
 */
import type { Room } from "@colyseus/core";

interface Reserving {
  /** Options, identity, whether the client has come, whether it is awaited back. */
  readonly _reservedSeats: Record<string, [options: unknown, auth: unknown, taken: boolean, awaited: boolean]>;
  readonly _reservedSeatTimeouts: Record<string, NodeJS.Timeout>;
}

/** Seats that are held for somebody who has not come yet, or is awaited back. */
export function reservedSeats(room: Room): number {
  let reserved = 0;
  for (const [, , taken] of Object.values((room as unknown as Reserving)._reservedSeats)) if (!taken) reserved++;
  return reserved;
}

/** Seats that nobody has taken up are free again. Those that wait for a client to come back are the framework's to give up. */
export function dropReservations(room: Room): void {
  const { _reservedSeats: seats, _reservedSeatTimeouts: timers } = room as unknown as Reserving;
  for (const [sessionId, [, , taken, awaited]] of Object.entries(seats))
    if (!taken && !awaited) delete seats[sessionId];
  for (const timer of Object.values(timers)) clearTimeout(timer);
}
