/** Who sees whom: the line of sight past the walls of the map. Pure, whole numbers only, and allocates nothing. */
import { COUNTDOWN, ticksIn } from "../game/kit/clock.ts";
import { seesRectangle } from "../game/kit/sight.ts";
import type { World } from "./World.ts";

/** A viewer sees a body this long before it comes into view. */
const AHEAD_MS = 200;

/**
 * Whether the player in `seat` sees the player in `other`: whether from the viewer's own position any point is visible that the
 * other one's body can reach within 200 ms.
 *
 * - These points are the square around the other one's position with a half width of the body's radius plus the way that the body
 *   moves at full speed in 200 ms, rounded up to whole ticks. The square contains the exact set: walls may keep the body from a
 *   part of it, and its corners are farther away. No point inside of a wall is visible.
 * - A viewer sees all of its team, itself included, from everywhere.
 * - A dead viewer looks from the place of its death, and a dead player is seen there.
 * - A player who may appear elsewhere within 200 ms is seen by all, because the place is unknown: at a respawn, and at the start
 *   positions when the countdown ends.
 */
export function sees(world: World, seat: number, other: number): boolean {
  if (world.team[seat] === world.team[other]) return true;
  const { globals, tickRules, geometry } = world;
  const ticks = ticksIn(AHEAD_MS, world.tickRate);
  const comesBy = globals.tick + ticks;
  if (world.respawnTick[other] !== 0 && world.respawnTick[other] <= comesBy) return true;
  if (globals.phase === COUNTDOWN && globals.phaseEnd <= comesBy) return true;
  const reach = geometry.bodyRadius + ticks * tickRules.strides[world.role[other]];
  const x = world.x[other];
  const y = world.y[other];
  return seesRectangle(geometry.walls, world.x[seat], world.y[seat], x - reach, y - reach, x + reach, y + reach);
}
