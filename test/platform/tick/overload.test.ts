/** Tests when a process becomes overloaded and when it no longer is, with an injected clock and load. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Overload } from "../../../src/platform/tick/Overload.ts";

const RATE = 20;
const INTERVAL_MS = 1000 / RATE;

class Load {
  busy = 0.3;
  connected = 100;
  busyShare = () => this.busy;
  players = () => this.connected;
}

/** Thread time of the connected players, as a multiple of the time of their steps. */
const TOTAL_PER_STEP = 2;

/** Steps `rooms` rooms from `from` to `to` (ms), each `lateMs` late. Connected players use the share `used` of the thread. */
function run(
  overload: Overload,
  rooms: number,
  from: number,
  to: number,
  lateMs: (at: number) => number,
  used = 0.3,
): void {
  const everyMs = INTERVAL_MS / rooms;
  for (let at = from; at < to; at += everyMs) overload.addStep(lateMs(at), (used / TOTAL_PER_STEP) * everyMs, at);
}

describe("a process is overloaded", () => {
  it("never while its steps are less than half an interval late and its thread has spare time", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 24.9, noNaN: true }), { minLength: 100 }), (late) => {
        const overload = new Overload(RATE, new Load());
        late.forEach((ms, i) => {
          overload.addStep(ms, 0.1, i * 2);
          assert.equal(overload.isOverloaded(i * 2), false);
        });
      }),
    );
  });

  it("within a second of late steps, and as long as they are late", () => {
    const overload = new Overload(RATE, new Load());
    run(overload, 50, 0, 5000, () => 1);
    assert.equal(overload.isOverloaded(5000), false);
    run(overload, 50, 5000, 6000, () => 60);
    assert.equal(overload.isOverloaded(6000), true);
    for (let at = 6000; at < 20_000; at += 500) {
      run(overload, 50, at, at + 500, () => 60);
      assert.equal(overload.isOverloaded(at + 500), true);
    }
  });

  it("no longer once the steps have been on time for three seconds", () => {
    const overload = new Overload(RATE, new Load());
    run(overload, 50, 0, 2000, () => 60);
    assert.equal(overload.isOverloaded(2000), true);
    run(overload, 50, 2000, 4500, () => 1);
    assert.equal(overload.isOverloaded(4500), true);
    run(overload, 50, 4500, 5200, () => 1);
    assert.equal(overload.isOverloaded(5200), false);
  });

  it("within a second of a thread without spare time, before a step is late, until it has spare time again", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    run(overload, 50, 0, 5000, () => 1);
    load.busy = 0.95;
    run(overload, 50, 5000, 6000, () => 1, load.busy);
    assert.equal(overload.isOverloaded(6000), true);
    load.busy = 0.85;
    run(overload, 50, 6000, 12_000, () => 1, load.busy);
    assert.equal(overload.isOverloaded(12_000), true);
    load.busy = 0.7;
    run(overload, 50, 12_000, 15_500, () => 1, load.busy);
    assert.equal(overload.isOverloaded(15_500), false);
  });

  it("once the newly admitted players will use more time than the thread has left, but never while the thread is hardly used", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    const admit = (count: number, from: number, at: number): number => {
      run(overload, 50, from, at, () => 1, load.busy);
      for (let admitted = 0; admitted < count; admitted++) {
        if (overload.isOverloaded(at)) return admitted;
        overload.addAdmission(at);
      }
      return count;
    };
    assert.equal(admit(500, 0, 2000), 500);
    load.busy = 0.8;
    assert.equal(admit(500, 2000, 6000), 13);
  });

  it("not by the cost of joins, for half a minute, because rooms are stepped first", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    run(overload, 50, 0, 10_000, () => 1);
    load.busy = 1;
    for (let at = 10_000; at < 30_000; at += 500) {
      run(overload, 50, at, at + 500, () => 1, 0.3);
      for (let admitted = 0; admitted < 25; admitted++) {
        overload.addAdmission(at + 500);
        assert.equal(overload.isOverloaded(at + 500), false);
        overload.addDeparture(at + 500);
      }
    }
  });

  it("by the whole use of the thread while more than three tenths of all players have just joined", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    run(overload, 50, 0, 10_000, () => 1);
    load.busy = 1;
    run(overload, 50, 10_000, 11_000, () => 1);
    for (let admitted = 0; admitted < 30; admitted++) overload.addAdmission(11_000);
    assert.equal(overload.isOverloaded(11_000), false);
    overload.addAdmission(11_000);
    for (let asked = 0; asked < 3; asked++) assert.equal(overload.isOverloaded(11_000), true);
    run(overload, 50, 11_000, 14_500, () => 1);
    assert.equal(overload.isOverloaded(14_500), false);
  });

  it("by the cost of the connected players, however many join meanwhile", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    run(overload, 50, 0, 10_000, () => 1);
    load.busy = 1;
    run(overload, 50, 10_000, 11_000, () => 1, 0.92);
    assert.equal(overload.isOverloaded(11_000), true);
  });

  it("by reserved seats, before they cost anything", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    load.busy = 0.75;
    run(overload, 50, 0, 5000, () => 1, load.busy);
    assert.equal(overload.isOverloaded(5000), false);
    load.connected = 119;
    assert.equal(overload.isOverloaded(5000), false);
    load.connected = 121;
    assert.equal(overload.isOverloaded(5000), true);
  });

  it("not by players who replace others, for example from one match to the next", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    run(overload, 50, 0, 3000, () => 1);
    load.busy = 0.8;
    run(overload, 50, 3000, 5000, () => 1, load.busy);
    for (let changed = 0; changed < 500; changed++) {
      overload.addDeparture(5000);
      assert.equal(overload.isOverloaded(5000), false);
      overload.addAdmission(5000);
    }
  });

  it("no longer when all rooms are gone", () => {
    const overload = new Overload(RATE, new Load());
    run(overload, 50, 0, 2000, () => 60);
    assert.equal(overload.isOverloaded(2000), true);
    assert.equal(overload.isOverloaded(6000), false);
    assert.equal(overload.isOverloaded(1e9), false);
  });

  it("not by one short stall", () => {
    const overload = new Overload(RATE, new Load());
    run(overload, 50, 0, 3000, (at) => (at >= 1000 && at < 1180 ? 80 : 1));
    for (let at = 1000; at < 3000; at += 100) assert.equal(overload.isOverloaded(at + 2000), false);
  });

  it("never with a handful of rooms: if these are late, their number is not the reason", () => {
    const load = new Load();
    const overload = new Overload(RATE, load);
    load.busy = 1;
    run(overload, 3, 0, 5000, () => 500);
    assert.equal(overload.isOverloaded(5000), false);
  });
});
