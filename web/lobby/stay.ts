/** What queue and party tell the course of the page. Declarations only. */
import type { Room } from "@colyseus/sdk";
import type { SeatReservation } from "../../schema/queueRequests.ts";

export interface StayEvents {
  sit(seat: SeatReservation): Promise<Room>;
  /** Whether the page plays in that match already: then its seat is no news. */
  plays(roomId: string): boolean;
  /** There is something else to show. */
  changed(): void;
  /** All have confirmed: the match begins. */
  play(match: Room): void;
  /** It is over; why, in words. */
  ended(why: string): void;
  /** The server is gone, or has forgotten this connection. */
  lost(): void;
  failed(error: unknown): void;
}

/** How long the wait is and may be. */
export interface Waiting {
  /** Since when, Unix ms. */
  readonly since: number;
  /** How long others waited lately, in ms; 0 while unknown. */
  readonly estimatedMs: number;
  /** Players who wait, oneself among them. */
  readonly players: number;
}
