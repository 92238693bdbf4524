/**
 * The interface through which everything that happens in a room leaves it: one record per tick. Rooms import this interface and no
 * implementation of it; the pipeline implements it.
 */
import type { InputEvents, RoomMatchEvent } from "../../schema/matchEvents.ts";
import type { Facts } from "./Facts.ts";
import type { Frames } from "./Frames.ts";
import type { Game } from "./Game.ts";

export interface MatchIdentity {
  readonly game: Game;
  /** UUIDv7, whose time is the creation of the match. */
  readonly matchId: string;
  readonly roomId: string;
  readonly mode: string;
  readonly seats: number;
}

/**
 * Everything that happened in one tick. Tick 0 is the creation of the match and has no step; tick n is the n-th step.
 * What happens between two steps belongs to the later one and precedes its facts.
 */
export interface TickRecord {
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
  readonly matchEvents: readonly RoomMatchEvent[];
  /** Facts of the step; null without a step (tick 0, and the tick of `ended`). */
  readonly facts: Facts | null;
  readonly setup: InputEvents["setup"] | null;
  /** Seats whose holder changed before the step of this tick. */
  readonly seatChanges: readonly InputEvents["seat"][];
  /** Frames applied in the step; null without a step. */
  readonly frames: Frames | null;
  /** Hash of the world after the step, once a second; else null. */
  readonly hash: string | null;
}

export interface MatchRecorder {
  /**
   * Records one tick. Called once per tick, in order, synchronously with the step. Copies what it needs before it returns, because
   * the buffers are reused. Does no I/O and never throws.
   */
  record(record: TickRecord): void;
  /** Called once after the last record: after `ended`, or when the room is disposed without it. */
  close(): void;
}

export interface TickEvents {
  open(match: MatchIdentity): MatchRecorder;
  /** Calls `listener` when running matches must end because their records cannot be stored. Returns a function that unsubscribes. */
  onAbort(listener: () => void): () => void;
  /** Why no new match can start now, in one line; null if one can. Call it for each new match: it also updates the state of the check. */
  refusal(): string | null;
}
