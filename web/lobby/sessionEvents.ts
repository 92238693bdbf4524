/** Callbacks of a stay in the queue or in a party. */
import type { Room } from "@colyseus/sdk";
import type { SeatReservation } from "../../schema/queueRequests.ts";

export interface SessionEvents {
  takeSeat(seat: SeatReservation): Promise<Room>;
  /** Whether the page is already in that match. Its seat is then not offered again. */
  isInMatch(roomId: string): boolean;
  /** The view has to be updated. */
  onChange(): void;
  /** All players have confirmed: the match begins. */
  onMatch(match: Room): void;
  /** The stay has ended. `why` is a text for the player; empty for none. */
  onEnd(why: string): void;
  /** The server has failed, or no longer knows this connection. */
  onConnectionLost(): void;
  onError(error: unknown): void;
}

export interface Waiting {
  /** Start of the wait, Unix ms. */
  readonly since: number;
  /** How long other players waited recently, in ms; 0 if unknown. */
  readonly estimatedMs: number;
  /** Number of waiting players, including this one. */
  readonly players: number;
}
