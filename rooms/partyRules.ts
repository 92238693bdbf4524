/** Owns what a party's code looks like, and how many may play together. Pure but for the randomness of the code. */
import { randomInt } from "node:crypto";
import type { Game } from "../src/game/Game.ts";

/** Without 0, 1, I and O. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 8;

export function newPartyCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");
}

/** Places of the largest team of a mode: how many can queue together. */
export function teamPlaces(game: Game, mode: string): number {
  const sizes = Map.groupBy(game.modes[mode].teams, (team) => team).values();
  return Math.max(...[...sizes].map((seats) => seats.length));
}

/** Members that any mode lets play together. */
export function partyPlaces(game: Game): number {
  return Math.max(...Object.keys(game.modes).map((mode) => teamPlaces(game, mode)));
}
