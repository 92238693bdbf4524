import assert from "node:assert/strict";
import fc from "fast-check";
import { circleHit, pushOut } from "../../../src/game/kit/circles.ts";
import { SEGMENT_END } from "../../../src/game/kit/rectangles.ts";

const side = (max: number) => fc.integer({ min: -max, max });
const steps = (max: number) => fc.tuple(side(max), side(max), side(max), side(max), fc.integer({ min: 1, max }));

/** Whether the point is within `reach` at a share of its step, by exact arithmetic. */
function isWithin([dx, dy, stepX, stepY, reach]: readonly number[], progress: number): boolean {
  const end = BigInt(SEGMENT_END);
  const x = BigInt(dx) * end - BigInt(stepX) * BigInt(progress);
  const y = BigInt(dy) * end - BigInt(stepY) * BigInt(progress);
  return x * x + y * y <= (BigInt(reach) * end) ** 2n;
}

describe("a step towards a circle", () => {
  it("comes within reach where exact arithmetic says, to within a unit", () => {
    fc.assert(
      fc.property(fc.oneof(steps(10), steps(1000), steps(65_536)), (step) => {
        const hit = circleHit(...step);
        const exact = [hit - 1, hit, hit + 1].map((at) => at >= 0 && at <= SEGMENT_END && isWithin(step, at));
        if (hit <= SEGMENT_END) {
          assert.ok(
            exact.some((within) => within),
            `${hit}`,
          );
          assert.ok(hit < 2 || !isWithin(step, hit - 2), `${hit}`);
          return;
        }
        for (let at = 0; at <= SEGMENT_END; at += 512) assert.ok(!isWithin(step, at), `${at}`);
      }),
      { numRuns: 2000 },
    );
  });

  it("is within reach at once, at the end, or never", () => {
    assert.equal(circleHit(3, 4, 100, 0, 5), 0);
    assert.equal(circleHit(110, 0, 100, 0, 10), SEGMENT_END);
    assert.equal(circleHit(111, 0, 100, 0, 10), SEGMENT_END + 1);
    assert.equal(circleHit(0, 20, 100, 0, 10), SEGMENT_END + 1);
    assert.equal(circleHit(-50, 0, 100, 0, 10), SEGMENT_END + 1);
    assert.equal(circleHit(50, 0, 0, 0, 10), SEGMENT_END + 1);
  });
});

describe("a body that is pushed out of a circle", () => {
  it("is at least at its edge, at most two units beyond, in the same direction", () => {
    const scene = (max: number) => fc.tuple(side(max), side(max), side(max), side(max), fc.integer({ min: 1, max }));
    fc.assert(
      fc.property(fc.oneof(scene(10), scene(1000), scene(32_768)), ([bodyX, bodyY, x, y, reach]) => {
        const body = { x: bodyX, y: bodyY };
        const before = Math.hypot(bodyX - x, bodyY - y);
        assert.equal(pushOut(body, x, y, reach), before < reach);
        const after = Math.hypot(body.x - x, body.y - y);
        if (before >= reach) {
          assert.deepEqual(body, { x: bodyX, y: bodyY });
          return;
        }
        assert.ok((body.x - x) ** 2 + (body.y - y) ** 2 >= reach * reach);
        assert.ok(after <= reach + 2, `${after} of ${reach}`);
        if (before === 0) return;
        const cross = Math.abs((body.x - x) * (bodyY - y) - (body.y - y) * (bodyX - x)) / before;
        assert.ok(cross <= 2, `${cross} beside the line`);
      }),
      { numRuns: 3000 },
    );
  });
});
