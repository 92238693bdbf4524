import assert from "node:assert/strict";
import pino from "pino";
import type { Game } from "../../../src/game/Game.ts";
import { warmUpAll } from "../../../src/main/game/warmUp.ts";
import { caught } from "../../tag/caught.ts";

describe("the warm-up of the games", () => {
  it("creates a world of each mode on each of its maps, and on no other map", () => {
    const created = new Set<string>();
    const game: Game = {
      ...caught,
      createWorld: (rules, setup, emit) => {
        created.add(`${setup.mode} ${setup.map}`);
        return caught.createWorld(rules, setup, emit);
      },
    };
    warmUpAll([game], 20, pino({ level: "silent" }));
    assert.deepEqual([...created].sort(), ["crowd field", "crowd hall", "crowd yard", "pair field", "pair hall"]);
  });
});
