import assert from "node:assert/strict";
import fc from "fast-check";
import { bufferSize, FrameFeed } from "../../rooms/match/FrameFeed.ts";
import { InputRing } from "../../rooms/match/InputRing.ts";
import { RoomTimes } from "../../rooms/match/RoomTimes.ts";
import { BOT, NOBODY, PERSON } from "../../src/game/Frames.ts";
import { GameWorld } from "../../src/game/GameWorld.ts";
import { tag } from "../tag/tag.ts";

const RATE = 20;

/** A feed with one player in seat 0. The test pushes the frames. */
function feedOfOne() {
  const feed = new FrameFeed(tag, 2, RATE);
  const inputs = new InputRing(tag.inputFields, bufferSize(RATE));
  const roundTrip = { ms: 0 };
  feed.connect(0, { inputs, roundTrip: roundTrip as never });
  let tick = 0;
  const step = (): number[] => {
    feed.fill({ think: assert.fail }, ++tick, tick * 50, Uint8Array.of(PERSON, NOBODY), Uint8Array.of(0, 0));
    return [...feed.frames.values.slice(0, 3)];
  };
  return { feed, inputs, roundTrip, step };
}

describe("frame feed", () => {
  it("applies one frame per tick if five arrive together, and drops the oldest ones if the buffer is full", () => {
    const { inputs, step } = feedOfOne();
    for (let dx = 1; dx <= 5; dx++) inputs.push([dx, 0]);
    assert.deepEqual([step()[0], step()[0], step()[0], step()[0]], [2, 3, 4, 5]);
  });

  it("repeats the previous frame for 200 ms when no frame arrives, then gives idle frames", () => {
    const { inputs, step } = feedOfOne();
    inputs.push([9, 7]);
    const applied = [1, 2, 3, 4, 5, 6].map(() => step().slice(0, 2));
    assert.deepEqual(applied, [
      [9, 7],
      [9, 7],
      [9, 7],
      [9, 7],
      [9, 7],
      [0, 0],
    ]);
  });

  it("gives idle frames before the first frame, and immediately after a disconnection", () => {
    const { feed, inputs, step } = feedOfOne();
    assert.deepEqual(step(), [0, 0, 0]);
    inputs.push([9, 7]);
    step();
    feed.disconnect(0);
    assert.deepEqual(step(), [0, 0, 0]);
  });

  it("drops frames that no tick of the previous second needed", () => {
    const { inputs, step } = feedOfOne();
    inputs.push([1, 0]);
    inputs.push([1, 0]);
    for (let i = 0; i < 2 * RATE; i++) {
      inputs.push([1, 0]);
      step();
    }
    assert.equal(inputs.size, 0);
  });

  it("clamps every value to its range, reads NaN as 0, and gives integers only", () => {
    fc.assert(
      fc.property(fc.double(), fc.double(), (dx, dy) => {
        const { inputs, step } = feedOfOne();
        inputs.push([dx, dy]);
        for (const value of step().slice(0, 2)) assert.ok(Number.isInteger(value) && value >= -127 && value <= 127);
        if (Number.isNaN(dx)) assert.equal(step()[0], 0);
      }),
    );
  });

  it("gives bots their own frames, and empty seats idle ones", () => {
    const feed = new FrameFeed(tag, 2, RATE);
    const world = GameWorld.create(tag, tag.rules, {
      ...{ mode: "pair", map: "yard", tickRate: RATE, seed: "5".repeat(32) },
      roster: [0, 1].map((seat) => ({ seat, team: seat, role: 0 })),
    });
    feed.fill(world, 1, 50, Uint8Array.of(BOT, NOBODY), Uint8Array.of(0, 0));
    assert.notDeepEqual([...feed.frames.values.slice(0, 2)], [0, 0]);
    assert.deepEqual([...feed.frames.values.slice(3)], [0, 0, 0]);
  });

  it("rewinds to the tick that the player saw, but not further than the measured delay allows", () => {
    const { inputs, roundTrip, step } = feedOfOne();
    for (let i = 0; i < 20; i++) step();
    const at = (stamp: number): number => {
      inputs.push([0, 0], stamp);
      return step()[2];
    };
    // The clock advances by 50 ms per tick. Without a measured delay, a rewind of up to 150 ms is allowed.
    assert.equal(at(20 * 50), 1);
    assert.equal(at(20 * 50 + 20), 2);
    assert.equal(at(1), 3);
    roundTrip.ms = 80;
    assert.equal(at(1), 4);
    roundTrip.ms = 10_000;
    assert.equal(at(1), 5, "never more than 250 ms");
    assert.equal(at(0), 0, "no stamp");
    assert.equal(at(1e9), 0, "the future");
    assert.equal(at(Number.NaN), 0);
  });
});

describe("input ring", () => {
  it("gives frames in order, and acknowledges the number of the newest frame that was taken or dropped", () => {
    const ring = new InputRing(tag.inputFields, 3);
    const taken = new Int32Array(2);
    assert.equal(ring.take(taken, 0), false);
    for (let dx = 1; dx <= 4; dx++) ring.push([dx, -dx]);
    assert.deepEqual([ring.size, ring.ackSeq], [3, 1], "the oldest was dropped");
    assert.equal(ring.take(taken, 0), true);
    assert.deepEqual([...taken, ring.ackSeq], [2, -2, 2]);
    ring.clear();
    assert.deepEqual([ring.size, ring.ackSeq], [0, 4]);
    ring.push([5, 5], 0, 0, 9);
    assert.deepEqual([ring.accept(9), ring.accept(10)], [false, true]);
    ring.take(taken, 0);
    assert.equal(ring.ackSeq, 9);
  });
});

describe("room times", () => {
  it("gives the age of the nearest tick for any stamp and any jitter of the clock", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 0, max: 250 }),
        (gaps, stamp, allowedMs) => {
          const times = new RoomTimes(5);
          const clock = gaps.map((_, i) => gaps.slice(0, i + 1).reduce((sum, gap) => sum + gap, 0));
          clock.forEach((ms, tick) => {
            times.add(tick, ms);
          });
          const now = clock.at(-1)!;
          const candidates = clock
            .map((ms, tick) => ({ age: clock.length - 1 - tick, ms }))
            .filter(({ age, ms }) => age <= 5 && now - ms <= allowedMs);
          const nearest = Math.min(...candidates.map(({ ms }) => Math.abs(ms - stamp)));
          const age = times.age(stamp, allowedMs);
          assert.equal(Math.abs(clock[clock.length - 1 - age] - stamp), nearest);
        },
      ),
    );
  });
});
