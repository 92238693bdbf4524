import assert from "node:assert/strict";
import { mapOf, mapsOf } from "../../src/game/maps.ts";
import { seedOf } from "../arena/match.ts";
import { tag } from "../tag/tag.ts";

const { pair, crowd } = tag.modes;
const game = {
  maps: ["yard", "field", "hall"] as const,
  modes: { pair, crowd: { ...crowd, maps: ["hall"] as const } },
};

describe("the maps of a game", () => {
  it("are those that a mode names, or all", () => {
    assert.deepEqual([mapsOf(game, "pair"), mapsOf(game, "crowd")], [["yard", "field", "hall"], ["hall"]]);
  });

  it("are chosen by the seed, each about as often as the others", () => {
    const counts = new Map<string, number>();
    for (let n = 0; n < 3000; n++) {
      const map = mapOf(game, "pair", seedOf(n));
      assert.equal(mapOf(game, "pair", seedOf(n)), map);
      counts.set(map, (counts.get(map) ?? 0) + 1);
      assert.equal(mapOf(game, "crowd", seedOf(n)), "hall");
    }
    for (const map of game.maps) assert.ok(Math.abs(counts.get(map)! - 1000) < 120, `${map}: ${counts.get(map)}`);
  });
});
