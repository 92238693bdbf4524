/**
 * Lag compensation: the positions of the last ticks, as shooters may have seen them.
 *
 * If a frame for tick k has `rewindTicks` r, the shooter saw tick k − r. If r is 0, targets are at their positions after the
 * movement of this step. Walls do not move, and the shooter itself is never rewound.
 */
import type { World } from "./World.ts";

/** Stores the positions of this tick. Call after movement. */
export function recordPositions(world: World): void {
  const offset = (world.globals.tick % world.tickRules.historyTicks) * world.seats;
  for (let seat = 0; seat < world.seats; seat++) {
    world.historyX[offset + seat] = world.x[seat];
    world.historyY[offset + seat] = world.y[seat];
  }
}

/** Returns the requested rewind, limited to `rewindMaxTicks` (250 ms) and to the first tick. */
export function grantedRewind(world: World, rewindTicks: number): number {
  return Math.max(0, Math.min(rewindTicks, world.tickRules.rewindMaxTicks, world.globals.tick));
}

/**
 * Returns the offset in `historyX` and `historyY` of the positions `rewind` ticks ago. `grantedRewind` must have limited
 * `rewind`.
 */
export function historyOffset(world: World, rewind: number): number {
  return ((world.globals.tick - rewind) % world.tickRules.historyTicks) * world.seats;
}

/**
 * Whether a shot that rewinds by `rewind` ticks can hit the player in `seat`: the player is alive and unprotected now, and has
 * not respawned since the tick to which the shot rewinds.
 */
export function canBeHit(world: World, seat: number, rewind: number): boolean {
  const tick = world.globals.tick;
  return (
    world.alive[seat] === 1 &&
    world.hp[seat] > 0 &&
    world.protectedUntilTick[seat] <= tick &&
    world.bornTick[seat] <= tick - rewind
  );
}
