import assert from "node:assert/strict";
import fc from "fast-check";
import { indexInTeam, safestPoint } from "../../../src/game/kit/spawning.ts";

const place = fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 9 }));

describe("spawning", () => {
  it("chooses the point whose nearest threat is farthest away, and the lowest of equal ones", () => {
    const points = fc.array(place, { minLength: 1, maxLength: 8 });
    const bodies = fc.array(fc.tuple(place, fc.boolean()), { maxLength: 6 });
    fc.assert(
      fc.property(points, bodies, fc.nat(), fc.nat(), (points, bodies, from, length) => {
        const first = from % points.length;
        const end = first + 1 + (length % (points.length - first));
        // Squares, because roots of equal ones can differ in their last bit.
        const squares = points
          .slice(first, end)
          .map(([x, y]) =>
            Math.min(
              ...bodies.filter(([, isThreat]) => isThreat).map(([[bx, by]]) => (bx - x) ** 2 + (by - y) ** 2),
              1e9,
            ),
          );
        const [x, y] = [0, 1].map((axis) => Int32Array.from(bodies, ([body]) => body[axis]));
        assert.equal(
          safestPoint(Int32Array.from(points.flat()), first, end, x, y, (other) => bodies[other][1]),
          first + squares.indexOf(Math.max(...squares)),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("numbers the seats of each team", () => {
    const teams = [0, 1, 0, 2, 1, 0];
    assert.deepEqual(
      teams.map((_, seat) => indexInTeam(teams, seat)),
      [0, 0, 1, 0, 1, 2],
    );
  });
});
