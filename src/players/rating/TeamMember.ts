/** A player of a match that is about to start, and the player's team. */
export interface TeamMember {
  readonly player: string;
  readonly team: number;
  /** Rated games in the mode; null while unknown. */
  readonly games: number | null;
}
