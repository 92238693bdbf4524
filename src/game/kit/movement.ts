/**
 * Movement of a body in one tick. Pure: the room, the browser's prediction, bots and replay call the same function. Positions are
 * whole numbers, so clients receive the exact positions.
 *
 * For shots, a body is a circle. For walls, a body is the square around that circle, so that integer arithmetic is enough to
 * slide along walls and past corners.
 */
import { slideAxis } from "./rectangles.ts";
import { squareRoot } from "./trig.ts";

export interface Body {
  x: number;
  y: number;
}

/** What stops a body. */
export interface Obstacles {
  /** As in `rectangles.ts`. */
  readonly walls: Int32Array;
  readonly bodyRadius: number;
}

/** Maximum of |moveX| and |moveY|. */
export const FULL_DEFLECTION = 127;

/**
 * For each pair (|moveX|, |moveY|), the length of this vector, rounded up and at least `FULL_DEFLECTION`. A move is divided by
 * this length, so that diagonal movement is not faster.
 */
const lengths = new Uint8Array((FULL_DEFLECTION + 1) * (FULL_DEFLECTION + 1));
for (let x = 0; x <= FULL_DEFLECTION; x++) {
  for (let y = 0; y <= FULL_DEFLECTION; y++) {
    const square = x * x + y * y;
    const root = squareRoot(square);
    lengths[x * (FULL_DEFLECTION + 1) + y] = Math.max(FULL_DEFLECTION, root * root === square ? root : root + 1);
  }
}

/** Units of length per tick of a body with `speed` units per second, rounded down. */
export function strideOf(speed: number, tickRate: number): number {
  return Math.trunc(speed / tickRate);
}

const clampMove = (move: number): number => Math.max(-FULL_DEFLECTION, Math.min(FULL_DEFLECTION, move | 0));

/**
 * Moves `body` by one tick: at most `stride` units in the direction (moveX, moveY), each −127 to 127 (−128 counts as −127).
 * Walls stop the body on each axis separately, so that it slides along them.
 */
export function moveBody(body: Body, moveX: number, moveY: number, stride: number, obstacles: Obstacles): void {
  moveX = clampMove(moveX);
  moveY = clampMove(moveY);
  if (moveX === 0 && moveY === 0) return;
  const length = lengths[Math.abs(moveX) * (FULL_DEFLECTION + 1) + Math.abs(moveY)];
  const dx = Math.trunc((stride * moveX) / length);
  const dy = Math.trunc((stride * moveY) / length);
  const { walls, bodyRadius } = obstacles;
  if (dx !== 0) body.x = slideAxis(walls, 0, body.x, body.y, dx, bodyRadius);
  if (dy !== 0) body.y = slideAxis(walls, 1, body.y, body.x, dy, bodyRadius);
}
