/**
 * Owns what a room asks of the process that hosts it. Interfaces only: rooms know no clock, store or key of their own.
 */
import type { MatchSource } from "../schema/joinOptions.ts";
import type { TickEvents } from "./TickEvents.ts";

/** Something that is stepped at the tick rate. */
export interface Ticked {
  /** For the statistics of lateness. */
  readonly mode: string;
  /** Who is inside, and who has a seat reserved. */
  readonly people: number;
  /** One step. Never awaits. */
  beat(): void;
  /** The beat threw. It is not called again. */
  failed(error: unknown): void;
}

export interface Ticker {
  /** Steps per second. */
  readonly tickRate: number;
  /** Beats `ticked` at the tick rate until the returned function is called. */
  start(ticked: Ticked): () => void;
}

/** Who a token speaks for. */
export interface Identity {
  readonly playerId: string;
  readonly kind: "anonymous" | "account";
  /** The name that the person has chosen for good; null where there is none, and the join option counts. */
  readonly name: string | null;
  /** Whole-number rating and rated games in the mode asked for; null while unknown. */
  readonly rating: number | null;
  readonly games: number | null;
  /** Uncertainty of the rating, in whole points; null while unknown, absent where none is kept. */
  readonly deviation?: number | null;
}

export interface Admission {
  /**
   * Throws an error whose `refusal` is a name of `schema/codes.ts`. Who is inside, such as the member of a party, asks for no
   * further place.
   */
  identify(token: string | undefined, mode: string, from?: "outside" | "inside"): Promise<Identity>;
}

export interface RoomLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Somebody in a match that is about to start. */
export interface Opponent {
  readonly player: string;
  readonly team: number;
}

/** Somebody has sat down. */
export interface Arrival {
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
  joined(arrival: Arrival): void;
  /** Somebody who had joined has left for good. */
  left(): void;
  /** `reason`: a name of `schema/codes.ts`. */
  refused(reason: string): void;
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
