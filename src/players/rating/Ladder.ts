/** What has ratings and a ranking of its own: a mode of a game. Modes of two games may have the same name. */
export interface Ladder {
  readonly game: string;
  readonly mode: string;
}
