/** Where players enter the map. Points are rows of coordinates: x, y, x, y. */

/** A squared distance above all that coordinates of 16 bits can have. */
const FAR = 0x1_0000_0000;

/**
 * Returns the index of the point whose nearest threat is farthest away, of the points `first` to `end` − 1; the lowest of equal
 * ones. `isThreat(other)` says whether the body at (`x[other]`, `y[other]`) counts. Coordinates are from 0 to 65,535.
 */
export function safestPoint(
  points: Int32Array,
  first: number,
  end: number,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  isThreat: (other: number) => boolean,
): number {
  let best = first;
  let bestSquare = -1;
  for (let point = first; point < end; point++) {
    let square = FAR;
    for (let other = 0; other < x.length; other++) {
      if (!isThreat(other)) continue;
      const dx = x[other] - points[point * 2];
      const dy = y[other] - points[point * 2 + 1];
      square = Math.min(square, dx * dx + dy * dy);
    }
    if (square > bestSquare) {
      best = point;
      bestSquare = square;
    }
  }
  return best;
}

/** Returns the position of a seat among the seats of its team: 0 for the first. Teams use their start points in this order. */
export function indexInTeam(teams: ArrayLike<number>, seat: number): number {
  let before = 0;
  for (let other = 0; other < seat; other++) if (teams[other] === teams[seat]) before++;
  return before;
}
