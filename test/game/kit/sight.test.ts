import assert from "node:assert/strict";
import fc from "fast-check";
import { seesRectangle } from "../../../src/game/kit/sight.ts";
import { type Box, boxesOf, isSeenBySampling } from "./sampledSight.ts";

/** Walls, a viewer and a rectangle in a square of `size`; in small squares many of them touch. */
function scenes(size: number, step: number) {
  const coordinate = fc.integer({ min: 0, max: size });
  const boxOf = (sideMax: number) =>
    fc
      .tuple(coordinate, coordinate, fc.integer({ min: 1, max: sideMax }), fc.integer({ min: 1, max: sideMax }))
      .map(([x, y, width, height]): Box => [x, y, x + width, y + height]);
  return fc.record({
    walls: fc.array(boxOf(size >> 1), { maxLength: 8 }).map((boxes) => Int32Array.from(boxes.flat())),
    viewer: fc.tuple(coordinate, coordinate),
    box: boxOf(size >> 2),
    step: fc.constant(step),
  });
}
const anyScene = fc.oneof(scenes(16, 1 / 16), scenes(200, 1 / 4), scenes(65_536, 64));

const sees = (walls: Int32Array, [x, y]: readonly number[], box: Box): boolean => seesRectangle(walls, x, y, ...box);

describe("sight of a rectangle past walls", () => {
  it("is what samples of its rim say, to within half of their distance", () => {
    const answers = { seen: 0, hidden: 0, between: 0 };
    fc.assert(
      fc.property(anyScene, ({ walls, viewer, box, step }) => {
        const sampled = { walls: boxesOf(walls), viewer, box, step };
        const seen = sees(walls, viewer, box);
        if (isSeenBySampling(sampled, 0)) assert.ok(seen, "a sample is visible");
        else if (seen) answers.between++;
        if (seen) assert.ok(isSeenBySampling(sampled, step / 2), "no sample is visible past smaller walls");
        answers[seen ? "seen" : "hidden"]++;
      }),
      { numRuns: 6000, seed: 16 },
    );
    assert.ok(answers.seen > 1000 && answers.hidden > 1000, JSON.stringify(answers));
    assert.ok(answers.between < 60, JSON.stringify(answers));
  });

  it("is the same in a mirrored and in a turned scene", () => {
    const turn = ([x0, y0, x1, y1]: Box): Box => [-y1, x0, -y0, x1];
    const mirror = ([x0, y0, x1, y1]: Box): Box => [-x1, y0, -x0, y1];
    fc.assert(
      fc.property(anyScene, ({ walls, viewer: [x, y], box }) => {
        const seen = sees(walls, [x, y], box);
        const moved = (move: (box: Box) => Box) => Int32Array.from(boxesOf(walls).flatMap(move));
        assert.equal(sees(moved(turn), [-y, x], turn(box)), seen);
        assert.equal(sees(moved(mirror), [-x, y], mirror(box)), seen);
      }),
      { numRuns: 2000, seed: 16 },
    );
  });

  const box: Box = [10, -2, 14, 2];
  const cases: readonly [string, readonly number[][], boolean][] = [
    ["without walls", [], true],
    ["past a wall that hides a part", [[5, -9, 6, 0]], true],
    ["not past a wall that hides all", [[5, -9, 6, 9]], false],
    [
      "not past two walls that hide a half each and overlap",
      [
        [5, -9, 6, 1],
        [7, -1, 8, 9],
      ],
      false,
    ],
    [
      "through a gap",
      [
        [5, -9, 6, 0],
        [5, 1, 6, 9],
      ],
      true,
    ],
    [
      "through the slit between two walls that touch",
      [
        [5, -9, 6, 0],
        [5, 0, 6, 9],
      ],
      true,
    ],
    [
      "along the sides of walls",
      [
        [-1, 0, 20, 9],
        [0, -9, 9, 0],
      ],
      true,
    ],
    ["in front of a wall that covers its back", [[12, -9, 16, 9]], true],
    ["not inside of a wall", [[9, -3, 15, 3]], false],
    ["if it touches the front of a wall", [[10, -3, 15, 3]], true],
    ["past a wall behind the viewer", [[-9, -9, -1, 9]], true],
    ["not from inside of a wall", [[-1, -1, 1, 1]], false],
  ];
  for (const [name, walls, seen] of cases)
    it(`sees it ${name}`, () => assert.equal(sees(Int32Array.from(walls.flat()), [0, 0], box), seen));

  it("sees it from its inside and from its rim, whatever the walls", () => {
    for (const viewer of [
      [12, 0],
      [10, 1],
      [14, 2],
    ])
      assert.ok(sees(Int32Array.of(0, -9, 20, 9), viewer, box));
  });
});
