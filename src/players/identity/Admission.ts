import type { Ladder } from "../rating/Ladder.ts";

/** A player whose token was checked, as far as a later check needs it. */
export interface KnownPlayer {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** The player's token version at that time. Raising it revokes the token. */
  readonly version: number;
}

/** What rooms, the queue and the ticket routes need to know about the player of a token. */
export interface Identity extends KnownPlayer {
  /** The name stored for the player; null if there is none, and then the name from the join options is used. */
  readonly name: string | null;
  /**
   * Whole-number rating and rated games in the requested ladder; null while the database is unavailable, and then the match is
   * unrated.
   */
  readonly rating: number | null;
  readonly games: number | null;
  /** Uncertainty of the rating, in whole points; null while unknown, absent if none is kept. */
  readonly deviation?: number | null;
}

/** `admitted`: the player already uses this process, so it does not refuse them at capacity. */
export type AdmissionFrom = "new" | "admitted";

export interface Admission {
  /** Rejects with an error whose `refusal` is a name of `schema/codes.ts`. Default: `new`. */
  identify(token: string | undefined, ladder: Ladder, from?: AdmissionFrom): Promise<Identity>;

  /**
   * The same for a player who was identified earlier, such as the member of a party. The token may have expired since. Also rejects
   * if it was revoked.
   */
  identifyAgain(player: KnownPlayer, ladder: Ladder): Promise<Identity>;
}
