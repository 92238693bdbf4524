/** The games of these suites, for GAMES: the arena and tag, with matches as long as the environment says. */
import { quickArena } from "../rooms/quickArena.ts";
import { tag } from "../tag/tag.ts";

const timeLimitMs = Number(process.env.TEST_MATCH_MS ?? 4000);

export const games = [quickArena({ waitMs: 300, countdownMs: 200, timeLimitMs }), tag];
