/** When a process counts as overloaded, and when it does no more; by a clock that is handed in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Overload } from "../../src/tick/Overload.ts";

const RATE = 20;
const INTERVAL_MS = 1000 / RATE;

/** Steps `rooms` rooms from `from` to `to` (ms), each `lateMs` late. */
function run(overload: Overload, rooms: number, from: number, to: number, lateMs: (at: number) => number): void {
  for (let at = from; at < to; at += INTERVAL_MS / rooms) overload.stepped(lateMs(at), at);
}

describe("a process is overloaded", () => {
  it("never while its steps are less than half an interval late, however many rooms it has", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 24.9, noNaN: true }), { minLength: 100 }), (late) => {
        const overload = new Overload(RATE);
        late.forEach((ms, i) => {
          overload.stepped(ms, i * 2);
          assert.equal(overload.isOverloaded(i * 2), false);
        });
      }),
    );
  });

  it("within a second of steps that are late, and for as long as they are", () => {
    const overload = new Overload(RATE);
    run(overload, 50, 0, 5000, () => 1);
    assert.equal(overload.isOverloaded(5000), false);
    run(overload, 50, 5000, 6000, () => 60);
    assert.equal(overload.isOverloaded(6000), true);
    for (let at = 6000; at < 20_000; at += 500) {
      run(overload, 50, at, at + 500, () => 60);
      assert.equal(overload.isOverloaded(at + 500), true);
    }
  });

  it("no more once the steps have been on time for three seconds, and that by itself", () => {
    const overload = new Overload(RATE);
    run(overload, 50, 0, 2000, () => 60);
    assert.equal(overload.isOverloaded(2000), true);
    run(overload, 50, 2000, 4500, () => 1);
    assert.equal(overload.isOverloaded(4500), true);
    run(overload, 50, 4500, 5200, () => 1);
    assert.equal(overload.isOverloaded(5200), false);
  });

  it("no more when all rooms are gone", () => {
    const overload = new Overload(RATE);
    run(overload, 50, 0, 2000, () => 60);
    assert.equal(overload.isOverloaded(2000), true);
    assert.equal(overload.isOverloaded(6000), false);
    assert.equal(overload.isOverloaded(1e9), false);
  });

  it("not by one short stall", () => {
    const overload = new Overload(RATE);
    run(overload, 50, 0, 3000, (at) => (at >= 1000 && at < 1080 ? 80 : 1));
    for (let at = 1000; at < 3000; at += 100) assert.equal(overload.isOverloaded(at + 2000), false);
  });

  it("never with a handful of rooms: what makes them late is not their number", () => {
    const overload = new Overload(RATE);
    run(overload, 3, 0, 5000, () => 500);
    assert.equal(overload.isOverloaded(5000), false);
  });
});
