import assert from "node:assert/strict";
import fc from "fast-check";
import { placesByScore, placesOf } from "../../../src/game/kit/standings.ts";

describe("places", () => {
  it("are 1 plus the number of better scores, and equal scores draw", () => {
    assert.deepEqual(placesByScore([10, 30, 20, 30, 5]), [4, 1, 3, 1, 5]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { maxLength: 12 }), (scores) => {
        const sorted = [...scores].sort((a, b) => b - a);
        assert.deepEqual(
          placesByScore(scores),
          scores.map((score) => sorted.indexOf(score) + 1),
        );
      }),
    );
  });

  it("follow any order, such as the ticks in which racers arrived, 0 for not at all", () => {
    const arrived = [90, 0, 70, 0, 90];
    const isBetter = (a: number, b: number): boolean => arrived[a] > 0 && (arrived[b] === 0 || arrived[a] < arrived[b]);
    assert.deepEqual(placesOf(5, isBetter), [2, 4, 1, 4, 2]);
  });
});
