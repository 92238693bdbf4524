/** The example games for `GAMES`, with matches of a few seconds, each of which counts for the ratings. */
import { flags } from "../../../examples/games/flags/flags.ts";
import { four } from "../../../examples/games/four/four.ts";
import { racer } from "../../../examples/games/racer/racer.ts";
import type { Game } from "../../../src/game/Game.ts";

type ByMode<T> = Readonly<Record<string, T>>;

const eachMode = <T, U>(modes: ByMode<T>, change: (mode: T) => U): ByMode<U> =>
  Object.fromEntries(Object.entries(modes).map(([name, mode]) => [name, change(mode)]));

/** The game with a short wait, and with other rules; `times` are those of each mode. */
function quick(game: Game, rules: object, times: object = {}): Game {
  const recorded: ByMode<object> = game.rules.modes ?? {};
  return {
    ...game,
    rules: { ...game.rules, ...rules, modes: eachMode(recorded, (mode) => ({ ...mode, ...times })) },
    modes: eachMode(game.modes, (mode) => ({ ...mode, waitMs: 500, ratedMinMs: 0 })),
  };
}

export const games = [
  quick(flags, {}, { countdownMs: 300, playMs: 5000 }),
  quick(racer, { laps: 1, maxSpeed: 6000, acceleration: 8000 }, { countdownMs: 300 }),
  quick(four, { countdownMs: 300, turnMs: 2000, botMs: 50 }),
];
