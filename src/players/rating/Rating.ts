/**
 * The rating port: how a finished match changes ratings.
 *
 * A change must depend only on what `started` and `ended` recorded. Changes are whole numbers and are added. So any order of
 * matches gives the same ratings. Repeats change nothing, because each match is applied exactly once.
 *
 * All algorithms share one scale: a new player has 1500, and in a duel between settled players 400 points mean odds of ten to
 * one.
 */

import type { Ladder } from "./Ladder.ts";

export const INITIAL_RATING = 1500;

/**
 * A rating is provisional until the player has this many rated games in the ladder, in all seasons together. Source: FIDE Rating
 * Regulations (B.02) 8.3.3: ratings change twice as fast until 30 games. (Ratings of the USCF are provisional until 26 games.)
 */
export const PROVISIONAL_GAMES = 30;
export const isProvisional = (games: number): boolean => games < PROVISIONAL_GAMES;

/** A player of a rated match. `place` and `left` come from `ended`, everything else from `started`. */
export interface RatedPlayer {
  readonly player: string;
  readonly team: number;
  /** Whole-number rating and rated games played at the start of the match. */
  readonly rating: number;
  readonly games: number;
  /** Uncertainty of the rating at the start of the match, in points. */
  readonly deviation: number;
  /** The player's rank in the match: 1 is best, an equal place is a draw. Members of a team share a place. */
  readonly place: number;
  /** Left for good before the end: loses to everyone who stayed. */
  readonly left: boolean;
}

export interface RatingChange {
  readonly player: string;
  /** Whole points to add. */
  readonly change: number;
  /** Whole number to add to the log precision. Negative if the rating is less certain after the match. */
  readonly precision: number;
}

/** What determines the uncertainty of a rating. */
export interface Experience {
  /** Rated games. */
  readonly games: number;
  /** Sum of the `precision` of all changes, in millionths: −ln(deviation²), minus −ln(deviation²) of a new player. */
  readonly logPrecision: number;
}

export interface RatingAlgorithm {
  /** Recorded with each match, so that a rebuild rates the match by the same algorithm. */
  readonly name: string;
  /** Uncertainty of a rating, in whole points. */
  deviation(experience: Experience): number;
  /**
   * Changes of one match, in the order of `players`. `weight` (0 to 1) is the share of a full change that the match
   * counts for. With fewer than two teams, all changes are 0.
   */
  changes(players: readonly RatedPlayer[], weight: number): RatingChange[];
}

/** The algorithm that rates a ladder. */
export type AlgorithmOf = (ladder: Ladder) => RatingAlgorithm;
