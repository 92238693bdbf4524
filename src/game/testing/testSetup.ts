/** The setup of a match without a room. */
import { defaultRole } from "../defaultRole.ts";
import type { Game, MatchSetup } from "../Game.ts";

export interface TestSetup {
  readonly mode: string;
  /** 32 hex digits, or a whole number from 0. 0 if omitted. */
  readonly seed?: string | number;
  /** The game's first map if omitted. */
  readonly map?: string;
  /** Steps per second; 20 if omitted. */
  readonly tickRate?: number;
}

/** Throws an error that names what the game has, if it has no such mode or map. */
export function setupOf(
  game: Game,
  { mode, seed = 0, map = game.maps[0], tickRate = TEST_TICK_RATE }: TestSetup,
): MatchSetup {
  if (!Object.hasOwn(game.modes, mode)) throw unknown(game, "mode", mode, Object.keys(game.modes));
  if (!game.maps.includes(map)) throw unknown(game, "map", map, game.maps);
  const { teams } = game.modes[mode];
  const roster = teams.map((team, seat) => ({ seat, team, role: defaultRole(teams, seat, game.roles.length) }));
  return { mode, map, tickRate, seed: hexSeed(seed), roster };
}

/** As the server's default. */
export const TEST_TICK_RATE = 20;

function hexSeed(seed: string | number): string {
  const text = typeof seed === "number" ? seed.toString(16).padStart(32, "0") : seed;
  if (/^[0-9a-f]{32}$/.test(text)) return text;
  throw new Error(`invalid seed ${JSON.stringify(seed)}: expected 32 hex digits, or a whole number from 0`);
}

function unknown(game: Game, what: string, name: string, names: readonly string[]): Error {
  return new Error(`${game.name} has no ${what} ${JSON.stringify(name)}: expected one of ${names.join(", ")}`);
}
