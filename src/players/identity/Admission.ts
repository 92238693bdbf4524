/** The player that a token belongs to, as a room, the queue and the ticket routes need to know them. */
export interface Identity {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** The name that the player has chosen for good; null where there is none, and the join option counts. */
  readonly name: string | null;
  /** Whole-number rating and rated games in the requested mode; null while the store is unavailable: then the match is unrated. */
  readonly rating: number | null;
  readonly games: number | null;
  /** Uncertainty of the rating, in whole points; null while unknown, absent where none is kept. */
  readonly deviation?: number | null;
}

export interface Admission {
  /**
   * Rejects with an error whose `refusal` is a name of `schema/codes.ts`. `inside`: the player is already admitted, such as a member
   * of a party, so a process at capacity does not refuse them.
   */
  identify(token: string | undefined, mode: string, from?: "new" | "admitted"): Promise<Identity>;
}
