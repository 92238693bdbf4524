import path from "node:path";
import { pathToFileURL } from "node:url";
import type { GameBackend } from "../game/Backend.ts";
import { checkGame } from "../game/checks/checkGame.ts";
import type { Game } from "../game/Game.ts";
import { describeValue } from "../game/GameFault.ts";
import { siblingModule } from "../platform/files/siblingModule.ts";
import { describeLoadError } from "./describeLoadError.ts";

/**
 * The games that `module` exports as `games`, a list of results of `defineGame`, or else under any other name, also as the default;
 * without a module, those of `games.ts`. Games contain functions, which cannot be sent to a thread: each thread loads them again. Rejects with one line that names GAMES, or
 * the game.
 */
export async function loadGames(module: string | undefined): Promise<readonly Game[]> {
  const games = gamesOf(await load(module));
  if (!Array.isArray(games) || games.length === 0)
    throw new Error(
      `GAMES: invalid ${JSON.stringify(module)}: expected a module that exports "games", a list with at least one game, or a game`,
    );
  checkList(`GAMES: invalid ${JSON.stringify(module)}`, games);
  return games;
}

/**
 * What `module` exports as `backends`, a list of results of `defineBackend`; none if it exports nothing of that name. The games of the
 * module must have been accepted by `loadGames`. Rejects with one line that names GAMES.
 */
export async function loadBackends(module: string | undefined): Promise<readonly GameBackend[]> {
  const loaded = await load(module);
  const games = gamesOf(loaded) as readonly Game[];
  const { backends = [] } = loaded;
  const invalid = (expected: string) =>
    new Error(`GAMES: invalid "backends" in ${JSON.stringify(module)}: ${expected}`);
  if (!Array.isArray(backends) || backends.some((backend) => typeof backend?.game !== "string"))
    throw invalid("expected a list of results of defineBackend");
  for (const { game } of backends) {
    if (!games.some(({ name }) => name === game)) throw invalid(`${game} is no game of "games"`);
    if (backends.filter((other) => other.game === game).length > 1)
      throw invalid(`${game} has two of them: expected one backend for each game`);
  }
  return backends;
}

interface Loaded {
  readonly games?: unknown;
  readonly backends?: unknown;
}

/** A game that is exported twice, under its name and as the default, is one game. */
function gamesOf(loaded: Loaded): unknown {
  if (loaded.games !== undefined) return loaded.games;
  const isGame = (value: unknown) =>
    typeof value === "object" && value !== null && ["name", "modes", "step"].every((key) => key in value);
  return [...new Set(Object.values(loaded).flat().filter(isGame))];
}

async function load(module: string | undefined): Promise<Loaded> {
  const url = module === undefined ? siblingModule(import.meta, "./games") : pathToFileURL(path.resolve(module));
  return import(url.href).catch((error: unknown) => {
    throw new Error(`GAMES: cannot load ${JSON.stringify(module)}: ${describeLoadError(error, url)}`);
  });
}

function checkList(problem: string, games: readonly unknown[]): asserts games is readonly Game[] {
  const names: string[] = [];
  for (const [at, game] of games.entries()) {
    if (typeof game !== "object" || game === null)
      throw new Error(
        `${problem}, games[${at}]: is ${describeValue(game)}, expected a game; put results of defineGame into the list`,
      );
    // A list may contain a copy of a defined game with other rules.
    checkGame(game);
    const { name } = game as Game;
    if (names.includes(name))
      throw new Error(
        `${problem}, games[${at}]: ${name} is also the name of games[${names.indexOf(name)}], expected different names; rename or remove one of the two`,
      );
    names.push(name);
  }
}
