import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Game } from "../game/Game.ts";
import { siblingModule } from "../platform/files/siblingModule.ts";

/**
 * The games that `module` exports as `games`, a list of results of `defineGame`; without a module, those of `games.ts`. Games
 * contain functions, which cannot be sent to a thread: each thread loads them again. Rejects with one line that names GAMES.
 */
export async function loadGames(module: string | undefined): Promise<readonly Game[]> {
  const url = module === undefined ? siblingModule(import.meta, "./games") : pathToFileURL(path.resolve(module));
  const loaded = await import(url.href).catch((error: Error) => {
    throw new Error(`GAMES: cannot load ${JSON.stringify(module)}: ${error.message.split("\n")[0]}`);
  });
  const games = (loaded as { games?: readonly Game[] }).games;
  if (!Array.isArray(games) || games.length === 0)
    throw new Error(
      `GAMES: invalid ${JSON.stringify(module)}: expected a module that exports "games", a list with at least one game`,
    );
  return games;
}
