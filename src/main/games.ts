/** Owns the list of games that this program runs. A module named by `GAMES` takes its place: it exports `games` as well. */
import { arena } from "../arena/game.ts";
import type { Game } from "../game/Game.ts";

export const games: readonly Game[] = [arena];
