/** The arena and tag, which both have a mode `duel`. */
import { quickArena } from "../rooms/quickArena.ts";
import { tag } from "./tag.ts";

const duel = { ...tag.modes.pair, waitMs: 300, ratedMinMs: 0 };
/** So that a party may have two members. */
const teams = { ...duel, teams: [0, 0, 1, 1] };

export const games = [quickArena(), { ...tag, modes: { ...tag.modes, duel, teams } }];
