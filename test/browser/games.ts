/** Value of GAMES for the account suite: the arena with short matches and a long wait for players. */
import { quickArena } from "../rooms/quickArena.ts";

export const games = [quickArena({ waitMs: 3000, countdownMs: 200, timeLimitMs: 1200 })];
