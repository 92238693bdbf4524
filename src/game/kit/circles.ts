/** Round bodies. Coordinates and radii are whole numbers, and distances between bodies at most 131,072. */
import { SEGMENT_END } from "./rectangles.ts";
import { squareRoot } from "./trig.ts";

/**
 * Returns where in its step (stepX, stepY) a point comes within `reach` of a centre: from 0 (at the start) to `SEGMENT_END` (at
 * the end), or `SEGMENT_END + 1` if it does not. (dx, dy) is the centre relative to the start of the step. Rounded down to whole
 * units of length, so the point may stop up to two units early. For two circles, `reach` is the sum of their radii.
 */
export function circleHit(dx: number, dy: number, stepX: number, stepY: number, reach: number): number {
  if (dx * dx + dy * dy <= reach * reach) return 0;
  const length = squareRoot(stepX * stepX + stepY * stepY);
  if (length === 0) return SEGMENT_END + 1;
  const along = Math.trunc((dx * stepX + dy * stepY) / length);
  const across = Math.abs(Math.trunc((dx * stepY - dy * stepX) / length));
  if (along <= 0 || across >= reach) return SEGMENT_END + 1;
  const entry = along - squareRoot(reach * reach - across * across);
  if (entry > length) return SEGMENT_END + 1;
  return Math.max(0, Math.min(SEGMENT_END, Math.trunc((entry * SEGMENT_END) / length)));
}

/**
 * Moves `body` out of the circle around (x, y), straight away from the centre, to a distance of at least `reach`; along +x from
 * the centre itself. Returns whether it was inside. A body that moves first and is pushed out afterwards slides along circles.
 */
export function pushOut(body: { x: number; y: number }, x: number, y: number, reach: number): boolean {
  const dx = body.x - x;
  const dy = body.y - y;
  const square = dx * dx + dy * dy;
  if (square >= reach * reach) return false;
  if (square === 0) {
    body.x = x + reach;
    return true;
  }
  const length = squareRoot(square);
  body.x = x + awayFromZero(dx * reach, length);
  body.y = y + awayFromZero(dy * reach, length);
  return true;
}

/** The quotient, rounded away from 0, so that a body is never left inside. */
function awayFromZero(numerator: number, denominator: number): number {
  const whole = Math.trunc(numerator / denominator);
  if (whole * denominator === numerator) return whole;
  return numerator > 0 ? whole + 1 : whole - 1;
}
