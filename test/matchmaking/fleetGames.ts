/** The games of a fleet, for GAMES: the arena, with matches as long and rules of the version that the environment says. */
import { quickArena } from "../rooms/quickArena.ts";

const timeLimitMs = Number(process.env.TEST_MATCH_MS ?? 4000);
const version = process.env.TEST_RULES_VERSION ?? "1";
const arena = quickArena({ waitMs: 300, countdownMs: 200, timeLimitMs });

export const games = [{ ...arena, rules: { ...arena.rules, version } }];
