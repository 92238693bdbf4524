import { Frames } from "./Frames.ts";
import type { Game } from "./Game.ts";
import { defaultsOf } from "./readFields.ts";

/** Frames for the world of a game, with idle input and the default join options in each seat. */
export function framesOf(
  { inputFields, joinOptions = {} }: Pick<Game, "inputFields" | "joinOptions">,
  seats: number,
): Frames {
  return new Frames(seats, inputFields.length, defaultsOf(joinOptions));
}
