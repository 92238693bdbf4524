/**
 * The rating port: how a finished match changes ratings. Declarations only.
 *
 * A change is a function of what `started` and `ended` recorded and of nothing else, and changes are whole numbers that are
 * added. So any order of matches, and any number of repeats that are applied once, give the same ratings.
 *
 * All algorithms share one scale: whoever is new has 1500, and 400 points between two settled players are odds of ten to one.
 */

export const INITIAL_RATING = 1500;

/** One person of a rated match, as `started` recorded it and `ended` placed it. */
export interface RatedPlayer {
  readonly player: string;
  readonly team: number;
  /** Whole-number rating and rated games played at the start of the match. */
  readonly rating: number;
  readonly games: number;
  /** Uncertainty of the rating at the start of the match, in points. */
  readonly deviation: number;
  /** 1 is best; equal places are a draw. Members of a team share their place. */
  readonly place: number;
  /** Left for good before the end: loses to everyone who stayed. */
  readonly left: boolean;
}

export interface RatingChange {
  readonly player: string;
  /** Whole points to add. */
  readonly change: number;
  /** Whole number to add to the log precision; below zero where a match leaves less certain. */
  readonly precision: number;
}

/** What is known of how well a rating is known. */
export interface Experience {
  /** Rated games. */
  readonly games: number;
  /** Sum of the `precision` of all changes: how far −ln(deviation²) is above that of a newcomer, in millionths. */
  readonly logPrecision: number;
}

export interface RatingAlgorithm {
  /** Recorded with each match: it is rated by this algorithm whenever it is recorded, now or anew. */
  readonly name: string;
  /** Uncertainty of a rating, in whole points. */
  deviation(experience: Experience): number;
  /**
   * Changes of one match, in the order of `players`. `weight` (0 to 1) is the share of a full change that the match
   * counts for. Fewer than two teams change nothing.
   */
  changes(players: readonly RatedPlayer[], weight: number): RatingChange[];
}

/** The algorithm that rates a mode. */
export type AlgorithmOf = (mode: string) => RatingAlgorithm;
