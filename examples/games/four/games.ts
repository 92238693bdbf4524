/** The module for `GAMES`. */
import { four } from "./four.ts";

export const games = [four];
