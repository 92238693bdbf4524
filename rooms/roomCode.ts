/** Codes with which friends enter a party or a private match. A code is the id of its room. */
import { randomInt } from "node:crypto";
import { matchMaker } from "@colyseus/core";
import { Refused } from "./Refused.ts";

/** The letters of codes. 0, 1, I and O are excluded, because they are easily confused. */
const LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 8;
const ATTEMPTS = 5;

export const newCode = (): string =>
  Array.from({ length: CODE_LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");

/** Calls `take` with new codes until it resolves to one. Resolves to null if five codes in a row were in use. */
export async function takeCode<T>(take: (code: string) => Promise<T | null>): Promise<T | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const taken = await take(newCode());
    if (taken !== null) return taken;
  }
  return null;
}

/**
 * Resolves to a code that no room of any process has as its id. Two rooms could get the same one only if both drew it before one
 * of them was listed. Rejects with `Refused`.
 */
export async function unusedRoomCode(): Promise<string> {
  const code = await takeCode(async (drawn) => ((await matchMaker.getRoomById(drawn)) === undefined ? drawn : null));
  if (code === null) throw new Refused("SERVER_BUSY");
  return code;
}
