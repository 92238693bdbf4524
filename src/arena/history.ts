/**
 * Owns lag compensation: where the others stood in the ticks that a shooter may have seen.
 *
 * `rewindTicks` r in the frames of the step that makes tick k means: the shooter saw tick k − r. 0 is the present, after
 * this step's movement. Walls do not move; the shooter itself is never rewound.
 */
import { TICK, type World } from "./World.ts";

/** Writes this tick's places, after movement. */
export function remember(world: World): void {
  const at = (world.globals[TICK] % world.tuning.historyTicks) * world.seats;
  for (let seat = 0; seat < world.seats; seat++) {
    world.historyX[at + seat] = world.x[seat];
    world.historyY[at + seat] = world.y[seat];
  }
}

/** What the world grants of a wished rewind: at most the rules' 250 ms, and no tick before the first. */
export function grantedRewind(world: World, rewindTicks: number): number {
  return Math.max(0, Math.min(rewindTicks, world.tuning.rewindMaxTicks, world.globals[TICK]));
}

/** Offset into `historyX`, `historyY` of the places `rewind` (granted) ticks ago. */
export function historyAt(world: World, rewind: number): number {
  return ((world.globals[TICK] - rewind) % world.tuning.historyTicks) * world.seats;
}

/** Whether `seat` can be hit by a shooter who looks `rewind` ticks back: alive and unprotected now, and in this life then. */
export function exposed(world: World, seat: number, rewind: number): boolean {
  const tick = world.globals[TICK];
  return (
    world.alive[seat] === 1 &&
    world.hp[seat] > 0 &&
    world.protectedUntilTick[seat] <= tick &&
    world.bornTick[seat] <= tick - rewind
  );
}
