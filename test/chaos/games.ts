/** The games of these suites, for GAMES: the arena and tag, with matches that last TEST_MATCH_MS. */
import { quickArena } from "../rooms/quickArena.ts";
import { tag } from "../tag/tag.ts";

const { TEST_MATCH_MS } = process.env;
// A match with a given length must not end earlier by score or elimination.
const ends = TEST_MATCH_MS === undefined ? {} : { scoreLimit: 0, lives: 0 };

export const games = [
  quickArena({ waitMs: 300, countdownMs: 200, timeLimitMs: Number(TEST_MATCH_MS ?? 4000), ...ends }),
  tag,
];
