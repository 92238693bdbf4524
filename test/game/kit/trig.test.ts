import assert from "node:assert/strict";
import fc from "fast-check";
import { aimAlong, cosine, ONE, sine, squareRoot } from "../../../src/game/kit/trig.ts";

const TURN = 65_536;
const vector = (max: number) => fc.tuple(fc.integer({ min: -max, max }), fc.integer({ min: -max, max }));

describe("fixed-point trigonometry", () => {
  it("gives every sine and cosine to within one unit of the true value", () => {
    for (let angle = -TURN; angle < 2 * TURN; angle++) {
      const radians = (angle / TURN) * 2 * Math.PI;
      assert.ok(Math.abs(sine(angle) - Math.sin(radians) * ONE) <= 1, `sine of ${angle}`);
      assert.ok(Math.abs(cosine(angle) - Math.cos(radians) * ONE) <= 1, `cosine of ${angle}`);
    }
  });

  it("gives the direction of a vector to within one step, of a short one to within 8", () => {
    fc.assert(
      fc.property(fc.oneof(vector(64), vector(131_072)), ([dx, dy]) => {
        const aim = aimAlong(dx, dy);
        assert.ok(Number.isInteger(aim) && aim >= 0 && aim < TURN);
        if (dx === 0 && dy === 0) return;
        const apart = aim - (Math.atan2(dy, dx) / (2 * Math.PI)) * TURN;
        const most = Math.max(Math.abs(dx), Math.abs(dy)) > 64 ? 1 : 8;
        assert.ok(Math.abs(apart - Math.round(apart / TURN) * TURN) <= most, `${aim}`);
      }),
      { numRuns: 5000 },
    );
  });

  it("gives square roots rounded down, of all numbers up to 2^36", () => {
    const check = (n: number): void => {
      const root = BigInt(squareRoot(n));
      assert.ok(root * root <= BigInt(n) && (root + 1n) * (root + 1n) > BigInt(n), `${n}`);
    };
    for (let n = 0; n < 10_000; n++) check(n);
    for (let root = 1; root <= 2 ** 18; root += 37) for (const n of [root * root - 1, root * root]) check(n);
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 36 }), check), { numRuns: 5000 });
  });
});
