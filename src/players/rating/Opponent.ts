/** A player of a match that is about to start. */
export interface Opponent {
  readonly player: string;
  readonly team: number;
}
