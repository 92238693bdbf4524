/** Rating points per band. Bands are wide, so that players of similar rating join the same room instead of each creating one. */
const BAND_POINTS = 100;
/** Distance in bands that a new room accepts. */
const TOLERANCE = 1;
/** The distance grows by one band each time a room has waited this long. */
const WIDEN_EVERY_MS = 2000;
/** The largest distance in bands that a room accepts, however long it waits. */
export const TOLERANCE_MAX = 30;

/** Band of a whole-number rating. */
export const bandOf = (rating: number): number => Math.floor(rating / BAND_POINTS);

/** Distance in bands that a room accepts after it has waited for `waitedMs`. */
export function toleranceAfter(waitedMs: number): number {
  return Math.min(TOLERANCE_MAX, TOLERANCE + Math.floor(Math.max(0, waitedMs) / WIDEN_EVERY_MS));
}

/** The wait in ms after which a room accepts a player `distance` bands away: the inverse of `toleranceAfter`. */
export const minWaitMs = (distance: number): number => Math.max(0, distance - TOLERANCE) * WIDEN_EVERY_MS;
