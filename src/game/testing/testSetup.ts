/** The setup of a match without a room. */
import { defaultRole } from "../defaultRole.ts";
import type { Game, MatchSetup } from "../Game.ts";
import { scramble } from "../kit/scramble.ts";
import { mapOf, mapsOf } from "../maps.ts";

export interface TestSetup {
  readonly mode: string;
  /** 32 hex digits, or a whole number from 0. 0 if omitted. */
  readonly seed?: string | number;
  /** The map that the seed chooses, as in a room, if omitted. */
  readonly map?: string;
  /** Steps per second; 20 if omitted. */
  readonly tickRate?: number;
}

/** Throws an error that names what the game has, if it has no such mode or map. */
export function setupOf(
  game: Game,
  { mode, seed: given = 0, map: wanted, tickRate = TEST_TICK_RATE }: TestSetup,
): MatchSetup {
  if (!Object.hasOwn(game.modes, mode)) throw unknown(game, "mode", mode, Object.keys(game.modes));
  const maps = mapsOf(game, mode);
  const seed = hexSeed(given);
  const map = wanted ?? mapOf(game, mode, seed);
  if (!maps.includes(map)) throw unknown(game, "map", map, maps);
  const { teams } = game.modes[mode];
  const roster = teams.map((team, seat) => ({ seat, team, role: defaultRole(teams, seat, game.roles.length) }));
  return { mode, map, tickRate, seed, roster };
}

/** As the server's default. */
export const TEST_TICK_RATE = 20;

function hexSeed(seed: string | number): string {
  if (typeof seed === "number" && Number.isSafeInteger(seed) && seed >= 0) return spread(seed);
  if (typeof seed === "string" && /^[0-9a-f]{32}$/.test(seed)) return seed;
  throw new Error(`invalid seed ${JSON.stringify(seed)}: expected 32 hex digits, or a whole number from 0`);
}

/** All digits depend on the number, because a game may use only some of them. */
function spread(number: number): string {
  const [low, high] = [number % 2 ** 32, Math.trunc(number / 2 ** 32)];
  const words = [1, 2, 3, 4].map((at) => scramble(scramble(low ^ Math.imul(at, 0x9e3779b9)) + high) >>> 0);
  return words.map((word) => word.toString(16).padStart(8, "0")).join("");
}

function unknown(game: Game, what: string, name: string, names: readonly string[]): Error {
  return new Error(`${game.name} has no ${what} ${JSON.stringify(name)}: expected one of ${names.join(", ")}`);
}
