/**
 * The interface through which a room reports everything that happens in it: one record per tick. The pipeline implements it, and
 * rooms do not import any implementation.
 */
import type { InputEvents, RoomMatchEvent } from "../../schema/matchEvents.ts";
import type { Facts } from "./Facts.ts";
import type { Frames } from "./Frames.ts";
import type { Game } from "./Game.ts";

export interface MatchIdentity {
  readonly game: Game;
  /** UUIDv7. Its time is the creation of the match. */
  readonly matchId: string;
  readonly roomId: string;
  readonly mode: string;
  readonly seats: number;
}

/**
 * Everything that happened in one tick. Tick 0 is the creation of the match and has no step; tick n is the n-th step. What
 * happens between two steps belongs to the tick of the later step and precedes its facts.
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
  /** Frames and commands applied in the step; null without a step. */
  readonly frames: Frames | null;
  /** Hash of the world after the step in one tick of each second; otherwise null. */
  readonly hash: string | null;
}

export interface MatchRecorder {
  /**
   * Records one tick. The room calls it exactly once per tick, in order of ticks and synchronously with the step. Copies what it
   * needs before it returns, because the caller reuses the buffers. Does no I/O and never throws.
   */
  record(record: TickRecord): void;
  /**
   * The room calls it exactly once, after the last record: after `ended`, or when the room is disposed before the match ended.
   */
  close(): void;
}

export interface TickEvents {
  open(match: MatchIdentity): MatchRecorder;
  /**
   * Calls `listener` when running matches must end because their records cannot be stored. Returns a function that unsubscribes.
   */
  onAbort(listener: () => void): () => void;
  /**
   * Returns in one line why no new match can start now, or null if one can. Call it for each new match: it also updates the state
   * of the check.
   */
  refusal(): string | null;
}
