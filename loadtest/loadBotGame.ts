import { loadGames } from "../src/main/loadGames.ts";
import { UsageError } from "../src/platform/commandLine/CommandUsage.ts";
import { type BotGame, botGameOf } from "./BotGame.ts";

/**
 * The game `name` of the module `games`, as GAMES names one; undefined: the games that ship, and the first game. Rejects with a
 * `UsageError` of one line.
 */
export async function loadBotGame(games: string | undefined, name: string | undefined): Promise<BotGame> {
  const all = await loadGames(games).catch((error: Error) => {
    throw new UsageError(error.message);
  });
  const game = name === undefined ? all[0] : all.find((one) => one.name === name);
  if (game === undefined)
    throw new UsageError(
      `--game: invalid ${JSON.stringify(name)}: expected one of ${all.map((one) => one.name).join(", ")}; GAMES names the module with other games`,
    );
  return botGameOf(game);
}
