/** Round bodies. Coordinates and radii are whole numbers, and distances between bodies at most 131,072. */
import { SEGMENT_END } from "./rectangles.ts";
import { squareRoot } from "./trig.ts";

/**
 * Returns where in its step (stepX, stepY) a point first comes within `reach` of a centre: from 0 (at the start) to `SEGMENT_END`
 * (at the end), or `SEGMENT_END + 1` if it does not. (dx, dy) is the centre relative to the start of the step. For two bodies,
 * `reach` is the sum of their radii.
 */
export function circleHit(dx: number, dy: number, stepX: number, stepY: number, reach: number): number {
  const square = stepX * stepX + stepY * stepY;
  const isWithin = (progress: number): boolean => {
    const x = dx * SEGMENT_END - stepX * progress;
    const y = dy * SEGMENT_END - stepY * progress;
    return x * x + y * y <= reach * reach * SEGMENT_END * SEGMENT_END;
  };
  if (isWithin(0)) return 0;
  const along = dx * stepX + dy * stepY;
  if (along <= 0) return SEGMENT_END + 1;
  // Up to the nearest point, the distance only falls: search where it falls below `reach`.
  let outside = 0;
  let inside = Math.min(SEGMENT_END, Math.floor((along * SEGMENT_END) / square));
  if (!isWithin(inside)) return SEGMENT_END + 1;
  while (inside - outside > 1) {
    const middle = (inside + outside) >> 1;
    if (isWithin(middle)) inside = middle;
    else outside = middle;
  }
  return inside;
}

/** Longest side of a vector of which `squareRoot` can compute the length. */
const SIDE_MAX = 131_072;

/**
 * Moves `body` out of the circle around (x, y), straight away from the centre, to a distance of at least `reach` (up to two
 * units more, because of rounding); along +x from the centre itself. Returns whether the body was inside. A body that moves first
 * and is pushed out afterwards slides along circles.
 */
export function pushOut(body: { x: number; y: number }, x: number, y: number, reach: number): boolean {
  const dx = body.x - x;
  const dy = body.y - y;
  if (dx * dx + dy * dy >= reach * reach) return false;
  if (dx === 0 && dy === 0) {
    body.x = x + reach;
    return true;
  }
  // The length of a short vector, rounded to a whole number, would be far off.
  const longer = Math.trunc(SIDE_MAX / Math.max(Math.abs(dx), Math.abs(dy)));
  const alongX = dx * longer;
  const alongY = dy * longer;
  const length = squareRoot(alongX * alongX + alongY * alongY);
  body.x = x + awayFromZero(alongX * reach, length);
  body.y = y + awayFromZero(alongY * reach, length);
  return true;
}

/** The quotient, rounded away from 0, so that a body is never left inside. */
function awayFromZero(numerator: number, denominator: number): number {
  const whole = Math.trunc(numerator / denominator);
  if (whole * denominator === numerator) return whole;
  return numerator > 0 ? whole + 1 : whole - 1;
}
