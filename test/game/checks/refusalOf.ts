/** How `defineGame` refuses a declaration. */
import assert from "node:assert/strict";
import { defineGame } from "../../../src/game/defineGame.ts";

export function refusalOf(game: unknown): {
  readonly message: string;
  readonly place: string;
  readonly remedy: string;
} {
  try {
    defineGame(game as never);
  } catch (error: any) {
    assert.equal(error.name, "GameFault", error.stack);
    assert.ok(!error.message.includes("\n"), error.message);
    return error;
  }
  return assert.fail("the game is accepted");
}
