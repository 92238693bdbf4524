/**
 * The rating port: how a finished match changes ratings. Interfaces only.
 *
 * A change is a function of what `started` and `ended` recorded and of nothing else, and changes are added. So any order
 * of matches, and any number of repeats that are applied once, give the same ratings.
 */

/** One person of a rated match, as `started` recorded it and `ended` placed it. */
export interface RatedPlayer {
  readonly player: string;
  readonly team: number;
  /** Whole-number rating and rated games played at the start of the match. */
  readonly rating: number;
  readonly games: number;
  /** 1 is best; equal places are a draw. Members of a team share their place. */
  readonly place: number;
  /** Left for good before the end: loses to everyone who stayed. */
  readonly left: boolean;
}

export interface RatingChange {
  readonly player: string;
  /** Whole points to add. */
  readonly change: number;
}

export interface RatingAlgorithm {
  /** For people. A store keeps ratings of one algorithm only. */
  readonly name: string;
  readonly initialRating: number;
  /** Uncertainty of a rating after `games` rated games, in points; shown, not stored. */
  deviation(games: number): number;
  /**
   * Changes of one match, in the order of `players`. `weight` (0 to 1) is the share of a full change that the match
   * counts for. Fewer than two teams change nothing.
   */
  changes(players: readonly RatedPlayer[], weight: number): RatingChange[];
}
