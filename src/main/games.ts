/** The default games. A module named by `GAMES` replaces this one, and must export `games` too. */
import { arena } from "../arena/game.ts";
import type { Game } from "../game/Game.ts";

export const games: readonly Game[] = [arena];
