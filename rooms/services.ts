/**
 * Owns what a room asks of the process that hosts it. Interfaces only: rooms know no clock, store or key of their own.
 */
import type { MatchSource } from "../schema/joinOptions.ts";
import type { TickEvents } from "../src/game/TickEvents.ts";
import type { Ticker } from "../src/platform/tick/Steppable.ts";
import type { Admission } from "../src/players/identity/Admission.ts";
import type { Opponent } from "../src/players/rating/Opponent.ts";

export interface RoomLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Somebody has sat down. */
export interface JoinedPlayer {
  readonly mode: string;
  readonly source: MatchSource;
  readonly roomId: string;
  readonly playerId: string;
}

export interface RoomServices {
  readonly ticker: Ticker;
  readonly tickEvents: TickEvents;
  readonly admission: Admission;
  readonly log: RoomLog;
  onJoined(player: JoinedPlayer): void;
  /** Somebody who had joined has left for good. */
  onLeft(): void;
  /** `reason`: a name of `schema/codes.ts`. */
  onRefused(reason: string): void;
  /** Coarse band of a rating, by which the open pool matches; of someone without one where it is null. */
  bandOf(rating: number | null): number;
  /** Share of a full rating change that a match of these people counts for, 0 to 1. Never asked within a step. */
  weigh(opponents: readonly Opponent[], mode: string): Promise<number>;
  /** Name of the algorithm that rates matches of a mode. */
  ratedBy(mode: string): string;
  /** Region of a match whose client names none. */
  readonly region: string;
  /** How long a running match may go on once the process is told to stop, in ms. */
  readonly drainMs: number;
  /** Unix ms. */
  now(): number;
}
