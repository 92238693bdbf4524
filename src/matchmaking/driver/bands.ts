/**
 * Owns rating bands: how ratings fall into them, and how far apart two may be that are put together at once. Pure.
 */

/** Points of a band. Coarse, so that joins that are alike wait for one another instead of opening a room each. */
const BAND_POINTS = 100;
/** Bands apart that an open room takes at once. */
const TOLERANCE = 1;
/** Each time a room has waited this long, it takes one band more. */
const WIDEN_EVERY_MS = 2000;
/** Bands apart that a room takes at most, however long it waits. */
export const TOLERANCE_MAX = 30;

/** Band of a whole-number rating. */
export const bandOf = (rating: number): number => Math.floor(rating / BAND_POINTS);

/** Bands apart that a room takes after it has waited for `waitedMs`. */
export function toleranceAfter(waitedMs: number): number {
  return Math.min(TOLERANCE_MAX, TOLERANCE + Math.floor(Math.max(0, waitedMs) / WIDEN_EVERY_MS));
}

/** The wait after which a room takes someone `distance` bands away, in ms. */
export const minWaitMs = (distance: number): number => Math.max(0, distance - TOLERANCE) * WIDEN_EVERY_MS;
