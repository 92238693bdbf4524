/**
 * Owns how bots play: through the same frames as people, from the world as it stands, without memory of their own. Their
 * randomness is a function of seed, seat and tick, so that it never disturbs the world's generator. Writes one row.
 */
import type { Frames } from "../game/Frames.ts";
import { BUTTON_ATTACK } from "./rules.ts";
import { AIM, BUTTONS, MOVE_X, MOVE_Y } from "./step.ts";
import { aimAlong, squareRoot } from "./trig.ts";
import { PHASE, PLAYING, type World } from "./World.ts";

export function think(world: World, seat: number, frames: Frames): void {
  frames.idle(seat);
  const row = seat * frames.width;
  const { values } = frames;
  values[row + AIM] = world.aim[seat];
  if (world.globals[PHASE] !== PLAYING || world.alive[seat] === 0) return;
  let best = -1;
  let bestSquare = 0;
  for (let other = 0; other < world.seats; other++) {
    if (world.team[other] === world.team[seat] || world.alive[other] === 0) continue;
    const dx = world.x[other] - world.x[seat];
    const dy = world.y[other] - world.y[seat];
    const square = dx * dx + dy * dy;
    if (best < 0 || square < bestSquare) {
      best = other;
      bestSquare = square;
    }
  }
  if (best < 0) return;
  const dx = world.x[best] - world.x[seat];
  const dy = world.y[best] - world.y[seat];
  const length = Math.max(1, squareRoot(bestSquare));
  values[row + AIM] = aimAlong(dx, dy);
  values[row + MOVE_X] = Math.trunc((127 * dx) / length);
  values[row + MOVE_Y] = Math.trunc((127 * dy) / length);
  values[row + BUTTONS] = BUTTON_ATTACK;
}
