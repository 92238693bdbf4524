/** The function with which a module of `GAMES` declares a game. */
import type { Schema } from "@colyseus/schema";
import { checkGame } from "./checks/checkGame.ts";
import type { ClientFields, GameCommands } from "./commands.ts";
import { completeGame } from "./declare/completeGame.ts";
import type { DeclaredGame, GameWorldOf, OwnWorldGame } from "./declare/GameDeclaration.ts";
import type { InputDeclaration } from "./declare/input.ts";
import type { GameEvents } from "./emit.ts";
import type { Game, GameRules, MatchStateShape, PlayerStateShape } from "./Game.ts";
import type { WorldDeclaration } from "./world/declaration.ts";

/**
 * Completes the declaration of a game with defaults, checks it and returns it. `docs/games.md` lists the members and their defaults.
 * Throws a `GameFault` that names the first invalid member and the remedy.
 */
export function defineGame<
  R extends GameRules,
  const D extends WorldDeclaration,
  const I extends InputDeclaration,
  const E extends GameEvents = {},
  const C extends GameCommands = {},
  const O extends ClientFields = {},
>(game: DeclaredGame<R, D, I, E, GameWorldOf<D, R, E>, C, O>): Game<GameWorldOf<D, R, E>, R, any, any, E, C, O>;
export function defineGame<
  W,
  R extends GameRules,
  S extends Schema & MatchStateShape,
  P extends Schema & PlayerStateShape,
  const E extends GameEvents = {},
  const C extends GameCommands = {},
  const O extends ClientFields = {},
>(game: OwnWorldGame<W, R, S, P, E, C, O>): Game<W, R, S, P, E, C, O>;
export function defineGame(declared: unknown): Game {
  const game = completeGame(declared);
  checkGame(game);
  return game as Game;
}
