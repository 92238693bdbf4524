/**
 * Whether any part of a rectangle can be seen past walls. Exact: whole numbers, and no sampling. Pure, and allocates nothing.
 *
 * Seen from the viewer, the near sides of the rectangle cover a range of directions, and each wall in front of them hides a part
 * of that range. The search begins at one end of the range. As long as a wall hides the present direction, it continues where that
 * wall ends. The rectangle is hidden if the search passes the other end.
 */

/** Positive if the vector b points to the left of the vector a (counter-clockwise), by less than half a turn. */
const cross = (ax: number, ay: number, bx: number, by: number): number => ax * by - ay * bx;

/**
 * Whether any point of the rectangle from (x0, y0) to (x1, y1), its sides included, can be seen from (x, y): the straight line
 * between the two points enters no wall. `walls` are as in `rectangles.ts`. A viewer inside of the rectangle always sees it.
 */
export function seesRectangle(
  walls: Int32Array,
  x: number,
  y: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): boolean {
  // Relative to the viewer, and mirrored so that the rectangle is never wholly to the left of the viewer or below it.
  const isFlippedX = x1 < x;
  const isFlippedY = y1 < y;
  const left = isFlippedX ? x - x1 : x0 - x;
  const right = isFlippedX ? x - x0 : x1 - x;
  const bottom = isFlippedY ? y - y1 : y0 - y;
  const top = isFlippedY ? y - y0 : y1 - y;
  if (left <= 0 && bottom <= 0) return true;
  // The search turns to the left, from the lower right end of the near sides to the upper left one.
  const lastY = left > 0 ? top : bottom;
  let atX = bottom > 0 ? right : left;
  let atY = bottom;
  while (cross(left, lastY, atX, atY) <= 0) {
    let nextX = atX;
    let nextY = atY;
    for (let i = 0; i < walls.length; i += 4) {
      const wallLeft = isFlippedX ? x - walls[i + 2] : walls[i] - x;
      const wallRight = isFlippedX ? x - walls[i] : walls[i + 2] - x;
      const wallBottom = isFlippedY ? y - walls[i + 3] : walls[i + 1] - y;
      const wallTop = isFlippedY ? y - walls[i + 1] : walls[i + 3] - y;
      // What is in front of the near sides: the part of the wall that is below the rectangle, and the part to its left.
      const below = Math.max(wallBottom, 0);
      const above = Math.min(wallTop, bottom);
      if (below < above) {
        const endY = wallLeft < 0 ? below : above;
        const isHidden =
          cross(wallRight, wallRight > 0 ? below : above, atX, atY) > 0 && cross(atX, atY, wallLeft, endY) > 0;
        if (isHidden && cross(nextX, nextY, wallLeft, endY) > 0) {
          nextX = wallLeft;
          nextY = endY;
        }
      }
      const from = Math.max(wallLeft, 0);
      const to = Math.min(wallRight, left);
      if (from < to) {
        const endX = wallTop > 0 ? from : to;
        const isHidden =
          cross(wallBottom < 0 ? from : to, wallBottom, atX, atY) > 0 && cross(atX, atY, endX, wallTop) > 0;
        if (isHidden && cross(nextX, nextY, endX, wallTop) > 0) {
          nextX = endX;
          nextY = wallTop;
        }
      }
    }
    if (nextX === atX && nextY === atY) return true;
    atX = nextX;
    atY = nextY;
  }
  return false;
}
