/** The module for `GAMES`. */
import { flags } from "./flags.ts";

export const games = [flags];
