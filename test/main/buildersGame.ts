/** Builders with a short match that two players start at once, as a module for GAMES. */
import { builders } from "../rooms/builders.ts";

const pair = { ...builders.modes.pair, waitMs: 300, ratedMinMs: 0 };

export const game = { ...builders, rules: { ...builders.rules, playMs: 3000 }, modes: { pair } };
export const games = [game];
