/** Places at the end of a match. */

/**
 * Returns the place of each of `count` players or teams: 1 plus the number of those that did better. Equals draw, and the places
 * after them stay empty: 1, 2, 2, 4. `isBetter` must be a strict weak order, such as a comparison by score.
 */
export function placesOf(count: number, isBetter: (a: number, b: number) => boolean): number[] {
  return Array.from({ length: count }, (_, one) => {
    let place = 1;
    for (let other = 0; other < count; other++) if (isBetter(other, one)) place++;
    return place;
  });
}

/** Returns the place of each score: the highest is first, and equal scores draw. */
export function placesByScore(scores: ArrayLike<number>): number[] {
  return placesOf(scores.length, (a, b) => scores[a] > scores[b]);
}
