/**
 * Owns how a body moves in one tick. Pure: the room, the browser's prediction, bots and replay call the same function
 * over anything that has `x` and `y`. Positions are whole subunits, so the synced position is the exact state.
 *
 * To shots a body is a circle; to walls it is the square around that circle, which slides past a corner where a circle
 * would have to be turned aside.
 */
import type { Court } from "./Court.ts";
import { squareRoot } from "./trig.ts";

export interface Body {
  x: number;
  y: number;
}

/** Full deflection of `moveX`, `moveY`. */
export const FULL = 127;

/** Length of each (|moveX|, |moveY|), rounded up and at least `FULL`: dividing by it caps the diagonal. */
const lengths = new Uint8Array((FULL + 1) * (FULL + 1));
for (let x = 0; x <= FULL; x++) {
  for (let y = 0; y <= FULL; y++) {
    const square = x * x + y * y;
    const root = squareRoot(square);
    lengths[x * (FULL + 1) + y] = Math.max(FULL, root * root === square ? root : root + 1);
  }
}

/** Subunits that a body of `speed` subunits per second covers in one tick, rounded down. */
export function strideOf(speed: number, tickRate: number): number {
  return Math.trunc(speed / tickRate);
}

const clampMove = (move: number): number => Math.max(-FULL, Math.min(FULL, move | 0));

/**
 * Moves `body` by one tick: at most `stride` subunits towards (moveX, moveY), each −127 to 127 (−128 counts as −127),
 * stopping at walls along each axis by itself, which makes it slide.
 */
export function moveBody(body: Body, moveX: number, moveY: number, stride: number, court: Court): void {
  moveX = clampMove(moveX);
  moveY = clampMove(moveY);
  if (moveX === 0 && moveY === 0) return;
  const length = lengths[Math.abs(moveX) * (FULL + 1) + Math.abs(moveY)];
  const dx = Math.trunc((stride * moveX) / length);
  const dy = Math.trunc((stride * moveY) / length);
  if (dx !== 0) body.x = slide(court, 0, body.x, body.y, dx);
  if (dy !== 0) body.y = slide(court, 1, body.y, body.x, dy);
}

/** Where a body at `from` on one axis (0 x, 1 y) and `across` on the other gets when it goes `by` along the axis. */
function slide(court: Court, axis: 0 | 1, from: number, across: number, by: number): number {
  const { walls, bodyRadius } = court;
  let to = from + by;
  for (let i = 0; i < walls.length; i += 4) {
    if (across <= walls[i + 1 - axis] - bodyRadius || across >= walls[i + 3 - axis] + bodyRadius) continue;
    if (by > 0) {
      const stop = walls[i + axis] - bodyRadius;
      if (from <= stop && to > stop) to = stop;
    } else {
      const stop = walls[i + 2 + axis] + bodyRadius;
      if (from >= stop && to < stop) to = stop;
    }
  }
  return to;
}
