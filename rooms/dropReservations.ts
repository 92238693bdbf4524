/**
 * Owns the end of a room's seat reservations. The framework leaves their timers running for up to 15 s after the room has
 * gone, which would keep a process from ending.
 */
import type { Room } from "@colyseus/core";

export function dropReservations(room: Room): void {
  const timers = (room as unknown as { _reservedSeatTimeouts: Record<string, NodeJS.Timeout> })._reservedSeatTimeouts;
  for (const timer of Object.values(timers)) clearTimeout(timer);
}
