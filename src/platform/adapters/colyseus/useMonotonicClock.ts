/**
 * Makes the clock of a room read the monotonic clock.
 *
 * Reason: in Node, the framework's clock reads `Date.now`. If the wall clock steps back by an hour, the room's message counter is
 * not reset for an hour, so each client that sends inputs is disconnected (4002). The room's timers stop for an hour too. And the
 * room time, by which lag compensation finds what a player saw, runs backwards.
 * Remove when: the clock of `@colyseus/clock` reads `performance.now` in Node too.
 */
import type { Room } from "@colyseus/core";

/** Call in `onCreate`, before the first client joins and before any timer of the room is set. */
export function useMonotonicClock(room: Pick<Room, "clock">): void {
  const clock = room.clock as unknown as { now: () => number; start(): void };
  clock.now = () => performance.now();
  clock.start();
}
