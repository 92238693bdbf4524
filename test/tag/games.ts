/** Only the small game, as a studio names its own games in GAMES. */
import { tag } from "./tag.ts";

export const games = [tag];
