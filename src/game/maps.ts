/** Which maps a mode has, and which of them a match is played on. */
import type { Game } from "./Game.ts";
import { noise, seedWords } from "./kit/random.ts";

/** Keeps the choice of the map apart from other noise of the same seed. */
const MAP = 0x6d6170;

/** The maps of a mode: those that it names, or all of the game. */
export function mapsOf(game: Pick<Game, "maps" | "modes">, mode: string): readonly string[] {
  return game.modes[mode].maps ?? game.maps;
}

/** The map of a match: the same for the same seed, and each map of the mode equally often. `seed` is 32 hex digits. */
export function mapOf(game: Pick<Game, "maps" | "modes">, mode: string, seed: string): string {
  const maps = mapsOf(game, mode);
  const [first, second, third] = seedWords(seed);
  return maps[noise(first ^ MAP, second, third, maps.length)];
}
