/** Owns finding the games: the program's own, or those of a studio's module. Threads load them anew by the same name. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Game } from "../game/Game.ts";

/**
 * The games that `module` exports as `games`, a list of what `defineGame` returned; without a module the program's own.
 * Rejects with one line that names GAMES.
 */
export async function loadGames(module: string | undefined): Promise<readonly Game[]> {
  const url = module === undefined ? new URL("./games.ts", import.meta.url) : pathToFileURL(path.resolve(module));
  const loaded = await import(url.href).catch((error: Error) => {
    throw new Error(`GAMES: ${JSON.stringify(module)} cannot be loaded: ${error.message.split("\n")[0]}`);
  });
  const games = (loaded as { games?: readonly Game[] }).games;
  if (!Array.isArray(games) || games.length === 0)
    throw new Error(`GAMES: ${JSON.stringify(module)} must export "games", a list of at least one game`);
  return games;
}
