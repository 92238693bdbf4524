/** Value of GAMES for the suite of the page for any game: tag, long enough to be caught in. */
import { tag } from "../tag/tag.ts";

export const games = [{ ...tag, rules: { ...tag.rules, playMs: 20_000 } }];
