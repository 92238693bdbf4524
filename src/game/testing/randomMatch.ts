/** Which match a seed stands for, in checks with random matches. */
import type { Game, MatchSetup } from "../Game.ts";
import { scramble } from "../kit/scramble.ts";
import { mapsOf } from "../maps.ts";
import { setupOf } from "./testSetup.ts";

/** What random matches play; everything that the game has if omitted. */
export interface RandomChoice {
  readonly mode?: string;
  readonly map?: string;
  readonly tickRate?: number;
}

/** Most ticks of the phase `playing`. One match in `LONG_EACH` has `LONG_TICKS`, in which most games end. */
const SHORT_TICKS = 120;
const LONG_EACH = 200;
const LONG_TICKS = 6000;

export interface RandomMatch {
  readonly setup: MatchSetup;
  /** Most ticks of the phase `playing`. */
  readonly ticks: number;
}

/** Consecutive seeds take turns through the modes and maps. Throws an error for a mode or a map that the game does not have. */
export function randomMatch(game: Game, seed: number, { mode, map, tickRate }: RandomChoice): RandomMatch {
  const modes = mode === undefined ? Object.keys(game.modes) : [mode];
  const choices = modes.flatMap((mode) =>
    (map === undefined ? mapsOf(game, mode) : [map]).map((map) => ({ mode, map })),
  );
  const played = choices[seed % choices.length];
  const random = scramble(seed) >>> 0;
  const ticks = random % LONG_EACH === 0 ? LONG_TICKS : 1 + (random % SHORT_TICKS);
  return { setup: setupOf(game, { ...played, seed, tickRate }), ticks };
}
