import assert from "node:assert/strict";
import { toSeatedPlayer } from "../../rooms/match/toSeatedPlayer.ts";
import type { AdmittedOptions } from "../../schema/joinOptions.ts";

describe("the name of a player in a match", () => {
  const shown = (stored: string | null, requested: string | null) => {
    const options = { name: requested, source: "arena" } as AdmittedOptions;
    return toSeatedPlayer("s", options, { playerId: "a1b2c3d4", name: stored, rating: 1500, games: 0 }).name;
  };

  it("is the stored one, else that of the join options, else one that is made from the player id", () => {
    assert.equal(shown("Ann", "Bea"), "Ann");
    assert.equal(shown(null, "Bea"), "Bea");
    assert.equal(shown(null, null), "Player-a1b2");
  });
});
