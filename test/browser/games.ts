/** The game of the suites about accounts, for GAMES: the arena in short matches that wait for people who are not quick. */
import { quickArena } from "../rooms/quickArena.ts";

export const games = [quickArena({ waitMs: 3000, countdownMs: 200, timeLimitMs: 1200 })];
