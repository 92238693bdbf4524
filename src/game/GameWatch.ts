/**
 * Through this interface, a match says when the code of its game runs, so that code that never returns can be found from another thread,
 * and what leads there again is kept. The calls are made in every tick.
 */
import type { InputEvents } from "../../schema/matchEvents.ts";
import type { Frames } from "./Frames.ts";
import type { GameWorld } from "./GameWorld.ts";

export interface WatchedMatch {
  readonly matchId: string;
  readonly roomId: string;
  readonly setup: InputEvents["setup"];
}

export interface MatchWatch {
  /** From now on, the game's code runs, for this tick. */
  enter(tick: number): void;
  /** The frames of the tick are complete. They are copied. */
  stepping(frames: Frames): void;
  /** The step of the tick has returned. Saves the world, but not in every tick. */
  stepped(world: Pick<GameWorld, "save">): void;
  /** The game's code has returned or thrown. */
  leave(): void;
  /** The match is over. Also leaves. */
  close(): void;
}

export interface GameWatch {
  open(match: WatchedMatch): MatchWatch;
}

export const noWatch: GameWatch = {
  open: () => ({ enter() {}, stepping() {}, stepped() {}, leave() {}, close() {} }),
};
