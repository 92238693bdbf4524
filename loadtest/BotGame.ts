/** What the load test knows of a game. */
import type { Game } from "../src/game/Game.ts";
import type { BotView } from "../src/game/LoadBots.ts";
import { RandomView } from "./RandomView.ts";

export interface BotGame {
  /** Room name. */
  readonly room: string;
  readonly modes: readonly string[];
  readonly inputFields: readonly string[];
  /** A new instance of the input's schema. */
  input(): any;
  view(state: any, seed: string): BotView;
}

/** Bots of a game without `loadBots` send random input. */
export function botGameOf(game: Game): BotGame {
  return {
    room: game.name,
    modes: Object.keys(game.modes),
    inputFields: game.inputFields.map(({ name }) => name),
    input: () => new game.Input(),
    view: game.loadBots ?? ((state, seed) => new RandomView(state, seed, game.inputFields)),
  };
}
