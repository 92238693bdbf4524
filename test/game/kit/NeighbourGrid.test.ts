import assert from "node:assert/strict";
import fc from "fast-check";
import { NeighbourGrid } from "../../../src/game/kit/NeighbourGrid.ts";

const body = fc.tuple(fc.integer({ min: -40, max: 240 }), fc.integer({ min: -40, max: 140 }));

describe("a grid of neighbours", () => {
  it("finds exactly the bodies within the radius, in ascending order, also outside of its area", () => {
    const search = fc.tuple(body, fc.integer({ min: 0, max: 120 }));
    fc.assert(
      fc.property(
        fc.array(body, { maxLength: 30 }),
        fc.array(search, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 250 }),
        (bodies, searches, cell) => {
          const grid = new NeighbourGrid(200, 100, cell, 30);
          const found = new Int32Array(30);
          for (let round = 0; round < 2; round++) {
            grid.clear();
            for (const [number, [x, y]] of bodies.entries()) grid.add(number, x, y);
            for (const [[x, y], radius] of searches) {
              const near = bodies.flatMap(([bx, by], number) =>
                (bx - x) ** 2 + (by - y) ** 2 <= radius ** 2 ? [number] : [],
              );
              assert.deepEqual([...found.subarray(0, grid.within(x, y, radius, found))], near);
            }
          }
        },
      ),
    );
  });
});
