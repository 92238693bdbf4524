/** The module for `GAMES` in a fleet: the arena, with a match length and rules version from environment variables. */
import { quickArena } from "../rooms/quickArena.ts";

const timeLimitMs = Number(process.env.TEST_MATCH_MS ?? 4000);
const version = process.env.TEST_RULES_VERSION ?? "1";
const arena = quickArena({ waitMs: 300, countdownMs: 200, timeLimitMs });

export const games = [{ ...arena, rules: { ...arena.rules, version } }];
