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
 * All that one tick has to say. Tick 0 is the creation of the match and has no step; tick n is the n-th step.
 * What happened between two steps belongs to the later one and is listed before its facts.
 */
export interface TickRecord {
  readonly tick: number;
  /** Unix ms. */
  readonly at: number;
  readonly matchEvents: readonly RoomMatchEvent[];
  /** Facts of this tick's step; null without a step (tick 0, and the tick of `ended`). */
  readonly facts: Facts | null;
  readonly setup: InputEvents["setup"] | null;
  /** Seats that changed hands before this tick's step. */
  readonly seatChanges: readonly InputEvents["seat"][];
  /** The frames applied in this tick's step; null without a step. */
  readonly frames: Frames | null;
  /** Hash of the world after the step, once a second; else null. */
  readonly hash: string | null;
}

export interface MatchRecorder {
  /**
   * Takes over one tick. Called once per tick, in order, in the turn of the step. Copies what it needs before it
   * returns (the buffers are reused), does no I/O, never throws.
   */
  record(record: TickRecord): void;
  /** No record follows: after `ended`, or when the room is torn down without one. */
  close(): void;
}

export interface TickEvents {
  open(match: MatchIdentity): MatchRecorder;
  /**
   * Calls back when running matches must end for want of space for their records. Returns what ends the listening.
   */
  onAbort(listener: () => void): () => void;
  /** Why no new match may start now, as one line for people; null when all is well. */
  refusal(): string | null;
}
