import assert from "node:assert/strict";
import fc from "fast-check";
import { firstRectangleHit, SEGMENT_END, slideAxis } from "../../../src/game/kit/rectangles.ts";
import { WallGrid } from "../../../src/game/kit/WallGrid.ts";

/** Rectangles, points and growth in a square of `size`; small squares have many touching edges. */
function scenes(size: number) {
  const coordinate = fc.integer({ min: 0, max: size });
  const wall = fc
    .tuple(coordinate, coordinate, fc.integer({ min: 1, max: size >> 1 }), fc.integer({ min: 1, max: size >> 1 }))
    .map(([x, y, width, height]) => [x, y, x + width, y + height]);
  return fc.record({
    walls: fc.array(wall, { maxLength: 8 }).map((walls) => Int32Array.from(walls.flat())),
    ax: coordinate,
    ay: coordinate,
    bx: coordinate,
    by: coordinate,
    grow: fc.integer({ min: 0, max: size >> 3 }),
  });
}
const anyScene = fc.oneof(scenes(16), scenes(1000), scenes(65_535));

/** A fraction with a positive denominator. */
type Fraction = readonly [bigint, bigint];
const isLess = ([a, b]: Fraction, [c, d]: Fraction): boolean => a * d < c * b;
const fraction = (above: number, below: number): Fraction =>
  below < 0 ? [BigInt(-above), BigInt(-below)] : [BigInt(above), BigInt(below)];

/** Where a segment is within the open rectangle, as exact shares of its length; null for nowhere. */
function exactly(wall: Int32Array, a: readonly number[], b: readonly number[], grow: number) {
  let enter: Fraction = [0n, 1n];
  let leave: Fraction = [1n, 1n];
  for (const axis of [0, 1]) {
    const [low, high] = [wall[axis] - grow, wall[axis + 2] + grow];
    const step = b[axis] - a[axis];
    if (step === 0) {
      if (a[axis] <= low || a[axis] >= high) return null;
      continue;
    }
    const ends = [fraction(low - a[axis], step), fraction(high - a[axis], step)].sort((p, q) =>
      isLess(p, q) ? -1 : 1,
    );
    if (isLess(enter, ends[0])) enter = ends[0];
    if (isLess(ends[1], leave)) leave = ends[1];
  }
  return isLess(enter, leave) ? { enter, leave } : null;
}

const scaled = ([above, below]: Fraction): number => Number((above * BigInt(SEGMENT_END)) / below);

describe("a segment among rectangles", () => {
  it("hits the first one that it enters by exact arithmetic, to within a unit", () => {
    fc.assert(
      fc.property(anyScene, ({ walls, ax, ay, bx, by, grow }) => {
        const hit = firstRectangleHit(walls, ax, ay, bx, by, grow);
        const all = [];
        for (let i = 0; i < walls.length; i += 4) all.push(exactly(walls.subarray(i, i + 4), [ax, ay], [bx, by], grow));
        const entered = all.filter((one) => one !== null).map(({ enter, leave }) => [scaled(enter), scaled(leave)]);
        // A stretch shorter than a unit may be missed.
        const surely = entered.filter(([enter, leave]) => leave - enter > 1).map(([enter]) => enter);
        if (hit > SEGMENT_END) assert.deepEqual(surely, ax === bx && ay === by ? surely : []);
        else
          assert.ok(
            entered.some(([enter]) => Math.abs(enter - hit) <= 1),
            `${hit} of ${entered}`,
          );
        assert.ok(hit <= Math.min(SEGMENT_END + 1, ...surely), `${hit} of ${surely}`);
      }),
      { numRuns: 3000 },
    );
  });

  it("hits the same with a grid of walls", () => {
    fc.assert(
      fc.property(anyScene, fc.integer({ min: 1, max: 300 }), ({ walls, ax, ay, bx, by, grow }, share) => {
        const size = Math.max(16, grow, ...walls);
        const cell = Math.max(1, Math.trunc(size / (1 + (share % 40))));
        const grid = new WallGrid(walls, cell, grow);
        for (const grown of [grow, 0, grow + 1])
          for (const [px, py, qx, qy] of [
            [ax, ay, bx, by],
            [bx, by, ax, ay],
          ])
            assert.equal(grid.firstHit(px, py, qx, qy, grown), firstRectangleHit(walls, px, py, qx, qy, grown));
        assert.equal(grid.hasSight(ax, ay, bx, by), firstRectangleHit(walls, ax, ay, bx, by, 0) > SEGMENT_END);
      }),
      { numRuns: 2000 },
    );
  });

  it("hits the same with a grid when it begins or ends outside of all cells", () => {
    const walls = Int32Array.from([10, 10, 20, 20, 40, 0, 44, 60]);
    const grid = new WallGrid(walls, 7, 2);
    for (let x = -90; x < 150; x += 9)
      for (let y = -90; y < 150; y += 9)
        for (const [qx, qy] of [
          [15, 15],
          [150, 30],
          [-80, -3],
        ])
          assert.equal(grid.firstHit(x, y, qx, qy, 2), firstRectangleHit(walls, x, y, qx, qy, 2), `${x},${y}`);
  });
});

describe("a body that slides", () => {
  it("goes unit by unit until the next unit would be in a wall", () => {
    const distance = fc.integer({ min: -12, max: 12 });
    fc.assert(
      fc.property(scenes(16), fc.constantFrom(0, 1), distance, ({ walls, ax, ay, grow }, axis, distance) => {
        // In half units, because a wall of one unit has no whole unit inside.
        const overlaps = (x: number, y: number): boolean => {
          for (let i = 0; i < walls.length; i += 4) {
            const [x0, y0, x1, y1] = [-grow, -grow, grow, grow].map((by, side) => 2 * (walls[i + side] + by));
            if (x > x0 && y > y0 && x < x1 && y < y1) return true;
          }
          return false;
        };
        let [x, y] = [2 * ax, 2 * ay];
        fc.pre(!overlaps(x, y));
        const [stepX, stepY] = axis === 0 ? [Math.sign(distance), 0] : [0, Math.sign(distance)];
        for (let left = 2 * Math.abs(distance); left > 0 && !overlaps(x + stepX, y + stepY); left--) {
          x += stepX;
          y += stepY;
        }
        const [start, other, expected] = axis === 0 ? [ax, ay, x / 2] : [ay, ax, y / 2];
        assert.equal(slideAxis(walls, axis as 0 | 1, start, other, distance, grow), expected);
      }),
      { numRuns: 3000 },
    );
  });
});
