/**
 * Sight by brute force: looks at many points on the rim of a rectangle, each along a straight line. Written without the code that
 * it is compared with, and in floating point.
 *
 * A viewer outside of the rectangle that sees a point of it also sees the point of the rim on the way there. Neighbouring samples
 * are at most `step` apart, so each point of the rim is within `step / 2` of a sample. If a point of the rim is visible, its
 * nearest sample is visible too past walls that are smaller by `step / 2` on all sides, because the two lines are nowhere
 * farther apart. So the true answer is between those with `shrink` 0 and with `shrink` `step / 2`.
 *
 * The comparison of two shares of a line is exact: both are quotients of whole numbers (of multiples of `step`) below 2^18. If
 * they differ, they differ by far more than the precision of a quotient; if not, both have the same rounded value.
 */

/** x0, y0, x1, y1. */
export type Box = readonly [number, number, number, number];

export interface Sampled {
  readonly walls: readonly Box[];
  readonly viewer: readonly [x: number, y: number];
  readonly box: Box;
  readonly step: number;
}

export function isSeenBySampling({ walls, viewer: [x, y], box, step }: Sampled, shrink: number): boolean {
  const [x0, y0, x1, y1] = box;
  if (x >= x0 && x <= x1 && y >= y0 && y <= y1) return true;
  const [left, top, right, bottom] = [Math.min(x, x0), Math.min(y, y0), Math.max(x, x1), Math.max(y, y1)];
  const smaller = walls
    .map(([a, b, c, d]): Box => [a + shrink, b + shrink, c - shrink, d - shrink])
    .filter(([a, b, c, d]) => a < c && b < d && a < right && c > left && b < bottom && d > top);
  for (const [px, py] of rimOf(box, step)) if (!smaller.some((wall) => enters(wall, x, y, px, py))) return true;
  return false;
}

function* rimOf([x0, y0, x1, y1]: Box, step: number): Generator<[number, number]> {
  for (const y of [y0, y1]) for (let x = x0; x < x1 + step; x += step) yield [Math.min(x, x1), y];
  for (const x of [x0, x1]) for (let y = y0; y < y1 + step; y += step) yield [x, Math.min(y, y1)];
}

/** Whether a straight line enters the inside of a wall (Y.-D. Liang, B. A. Barsky, 1984). */
export function enters([x0, y0, x1, y1]: Box, ax: number, ay: number, bx: number, by: number): boolean {
  let enter = 0;
  let leave = 1;
  for (const [from, to, low, high] of [
    [ax, bx, x0, x1],
    [ay, by, y0, y1],
  ]) {
    if (from === to) {
      if (from <= low || from >= high) return false;
      continue;
    }
    const shares = [(low - from) / (to - from), (high - from) / (to - from)];
    enter = Math.max(enter, Math.min(...shares));
    leave = Math.min(leave, Math.max(...shares));
  }
  return enter < leave;
}

/** The rows of x0, y0, x1, y1 in an array. */
export function boxesOf(words: Int32Array): Box[] {
  const boxes: Box[] = [];
  for (let i = 0; i < words.length; i += 4) boxes.push([words[i], words[i + 1], words[i + 2], words[i + 3]]);
  return boxes;
}
