/** The games of these suites, for GAMES: the arena and tag, with matches as long as the environment says. */
import { quickArena } from "../rooms/quickArena.ts";
import { tag } from "../tag/tag.ts";

const { TEST_MATCH_MS } = process.env;
// A match that is to last as long as it is told is not ended by chance before.
const ends = TEST_MATCH_MS === undefined ? {} : { scoreLimit: 0, lives: 0 };

export const games = [
  quickArena({ waitMs: 300, countdownMs: 200, timeLimitMs: Number(TEST_MATCH_MS ?? 4000), ...ends }),
  tag,
];
