import assert from "node:assert/strict";
import { REACH, Stick } from "../../web/touch/Stick.ts";

describe("a stick for a thumb", () => {
  it("has its middle where the thumb lands, and no direction until the thumb moves", () => {
    const stick = new Stick();
    stick.press(1, 300, 500);
    assert.deepEqual([stick.isHeld, stick.direction, stick.deflection], [true, null, 0]);
    stick.drag(1, 303, 498);
    assert.equal(stick.direction, null, "a resting thumb trembles");
    stick.drag(1, 300, 500 + REACH);
    assert.deepEqual([stick.direction, stick.deflection], [Math.PI / 2, 1]);
  });

  it("obeys one thumb at a time", () => {
    const stick = new Stick();
    stick.press(1, 0, 0);
    stick.press(2, 100, 100);
    stick.drag(2, 200, 100);
    assert.equal(stick.direction, null);
    stick.release(2);
    assert.equal(stick.isHeld, true);
    stick.release(1);
    assert.deepEqual([stick.isHeld, stick.direction], [false, null]);
    stick.press(2, 100, 100);
    stick.drag(2, 100 + REACH, 100);
    assert.equal(stick.direction, 0);
  });

  it("follows a thumb that moves farther than it reaches, so that turning round takes effect immediately", () => {
    const stick = new Stick();
    stick.press(1, 0, 0);
    stick.drag(1, 10 * REACH, 0);
    assert.deepEqual([stick.originX, stick.deflection], [9 * REACH, 1]);
    stick.drag(1, 8 * REACH, 0);
    assert.equal(stick.direction, Math.PI);
  });

  it("is deflected further the farther the thumb moves", () => {
    const stick = new Stick();
    stick.press(1, 0, 0);
    const deflections = [0.3, 0.45, 0.6, 0.75, 1].map((share) => {
      stick.drag(1, share * REACH, 0);
      return stick.deflection;
    });
    assert.deepEqual(
      deflections.toSorted((a, b) => a - b),
      deflections,
    );
    assert.ok(deflections[0] > 0 && deflections[2] < 1 && deflections[3] === 1);
  });
});
