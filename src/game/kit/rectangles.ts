/**
 * Walls: rectangles along the axes, as rows of x0, y0, x1, y1 in one array. Touching a wall is not entering it. Coordinates are
 * whole numbers of at most 131,072 in absolute value, so that all products are exact.
 */

/**
 * The end of a segment. `firstRectangleHit` returns 0 for the start of the segment, and a value above this one if the segment
 * enters no rectangle.
 */
export const SEGMENT_END = 65_536;

/**
 * Returns where the segment from (ax, ay) to (bx, by) enters the first rectangle: from 0 (at its start) to `SEGMENT_END` (at its
 * end), or `SEGMENT_END + 1` if it enters none. Each rectangle is grown by `grow` on all sides.
 */
export function firstRectangleHit(
  walls: Int32Array,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  grow: number,
): number {
  const dx = bx - ax;
  const dy = by - ay;
  const left = Math.min(ax, bx) - grow;
  const right = Math.max(ax, bx) + grow;
  const top = Math.min(ay, by) - grow;
  const bottom = Math.max(ay, by) + grow;
  let first = SEGMENT_END + 1;
  for (let i = 0; i < walls.length; i += 4) {
    if (walls[i] >= right || walls[i + 1] >= bottom || walls[i + 2] <= left || walls[i + 3] <= top) continue;
    let enter = 0;
    let leave = SEGMENT_END;
    if (dx !== 0) {
      const t0 = Math.trunc(((walls[i] - grow - ax) * SEGMENT_END) / dx);
      const t1 = Math.trunc(((walls[i + 2] + grow - ax) * SEGMENT_END) / dx);
      enter = Math.max(enter, Math.min(t0, t1));
      leave = Math.min(leave, Math.max(t0, t1));
    }
    if (dy !== 0) {
      const t0 = Math.trunc(((walls[i + 1] - grow - ay) * SEGMENT_END) / dy);
      const t1 = Math.trunc(((walls[i + 3] + grow - ay) * SEGMENT_END) / dy);
      enter = Math.max(enter, Math.min(t0, t1));
      leave = Math.min(leave, Math.max(t0, t1));
    }
    if (enter < leave && enter < first) first = enter;
  }
  return first;
}

/**
 * Moves a square body of half width `radius` along one axis (0: x, 1: y) by `distance`, or up to the first wall. Returns the new
 * coordinate on this axis. `start` is the body's coordinate on this axis, `other` its coordinate on the other axis. A body that
 * moves on both axes, one after the other, slides along walls.
 */
export function slideAxis(
  walls: Int32Array,
  axis: 0 | 1,
  start: number,
  other: number,
  distance: number,
  radius: number,
): number {
  let end = start + distance;
  for (let i = 0; i < walls.length; i += 4) {
    if (other <= walls[i + 1 - axis] - radius || other >= walls[i + 3 - axis] + radius) continue;
    if (distance > 0) {
      const limit = walls[i + axis] - radius;
      if (start <= limit && end > limit) end = limit;
    } else {
      const limit = walls[i + 2 + axis] + radius;
      if (start >= limit && end < limit) end = limit;
    }
  }
  return end;
}
