/**
 * The module for `GAMES` in this benchmark. It contains the games that the audit in the tests uses. The arena's matches hardly
 * wait or count down, so that nearly everything that is counted was played.
 */
import { arena } from "../../src/arena/game.ts";
import { quickArena } from "../../test/rooms/quickArena.ts";
import { tag } from "../../test/tag/tag.ts";

const { timeLimitMs } = arena.rules.modes.ffa;

export const games = [quickArena({ waitMs: 300, countdownMs: 200, timeLimitMs }), tag];
