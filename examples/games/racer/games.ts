/** The module for `GAMES`. */
import { racer } from "./racer.ts";

export const games = [racer];
