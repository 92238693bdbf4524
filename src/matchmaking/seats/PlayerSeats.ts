/** The ports for finding the matches in which a player has a seat. */
import type { RefusalName } from "../../../schema/codes.ts";
import type { AdmittedOptions } from "../../../schema/joinOptions.ts";
import type { SeatReservation } from "../../../schema/queueRequests.ts";

export interface SeatedMatch {
  readonly game: string;
  readonly mode: string;
  readonly roomId: string;
  readonly rulesVersion: string;
  /** Whether players enter by `joinOrCreate`: not a match of the queue, and not a private one. */
  readonly isOpen: boolean;
}

export interface PlayerSeats {
  /**
   * Resolves to the running matches in which the player has a seat, oldest first. Rejects if the listings are unavailable. A match
   * on a process that does not answer is left out.
   */
  find(playerId: string): Promise<readonly SeatedMatch[]>;
  /**
   * Keeps only the player's oldest seat in an open match. A player can get several by joining on several processes at the same
   * moment. Rejects as `find` does.
   */
  keepOldest(playerId: string): Promise<void>;
  /** Reserves the seat that the player has in a room. Resolves to null if the player no longer has it. */
  reserve(roomId: string, playerId: string): Promise<SeatReservation | null>;
}

/** Methods of a match room that are called by name through the framework, because the room may be on another process. */
export interface MatchRoomMethods {
  /** Whether the player has a seat, connected or not, and the match is running. */
  holdsSeat(playerId: string): boolean;
  /** Removes the player, who has a seat in an older match. Does nothing if the player has no seat here. */
  releaseSeat(playerId: string): void;
  /**
   * Reserves the player's own seat for a new connection. Returns its session id; null if the player has no seat, or the match is
   * over.
   */
  reserveReturn(playerId: string): string | null;
  /** Reserves a place for a spectator. Both arguments are passed to the room's `onJoin`. */
  reserveSpectator(
    options: AdmittedOptions,
    player: { readonly playerId: string },
  ): { readonly sessionId: string } | { readonly refusal: RefusalName };
}
