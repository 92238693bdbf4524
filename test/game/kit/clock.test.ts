import assert from "node:assert/strict";
import fc from "fast-check";
import {
  advancePhase,
  BY_OWN,
  BY_SCORE,
  BY_TIME,
  COUNTDOWN,
  clockFields,
  END_NAMES,
  ENDED,
  endMatch,
  isTimeUp,
  PHASE_NAMES,
  PLAYING,
  ticksIn,
  WAITING,
  writeStatus,
} from "../../../src/game/kit/clock.ts";
import { defineWorld } from "../../../src/game/world/defineWorld.ts";
import { rules, setupOf } from "../world/arbitraryWorld.ts";

const newClock = () => defineWorld({ globals: { ...clockFields } }).create(rules, setupOf([0])).globals;

describe("the clock of a match", () => {
  it("counts down once all seats are taken, plays, and ends", () => {
    const clock = newClock();
    const seen: string[] = [];
    for (clock.tick = 1; clock.phase !== ENDED; clock.tick++) {
      if (advancePhase(clock, clock.tick >= 3, 2, 4)) seen.push("begin");
      if (isTimeUp(clock)) endMatch(clock, BY_TIME);
      seen.push(`${clock.tick} ${PHASE_NAMES[clock.phase]} ${clock.phaseEnd}`);
    }
    const waited = ["1 waiting 0", "2 waiting 0", "3 countdown 5", "4 countdown 5", "begin"];
    assert.deepEqual(seen, [...waited, "5 playing 9", "6 playing 9", "7 playing 9", "8 playing 9", "9 ended 9"]);
    assert.equal(END_NAMES[clock.endReason], "time");
  });

  it("only advances, except from a countdown back to waiting when a seat becomes free", () => {
    const step = fc.record({ isFull: fc.boolean(), ends: fc.integer({ min: 0, max: 9 }).map((n) => n === 0) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat({ max: 5 }), fc.nat({ max: 9 }), (steps, wait, play) => {
        const clock = newClock();
        let since = 0;
        for (const { isFull, ends } of steps) {
          const before = clock.phase;
          clock.tick++;
          const begins = advancePhase(clock, isFull, wait, play);
          assert.equal(begins, before === COUNTDOWN && clock.phase === PLAYING);
          if (begins) assert.ok(isFull && clock.tick - since >= wait);
          if (clock.phase < before) assert.deepEqual([before, clock.phase, isFull], [COUNTDOWN, WAITING, false]);
          if (before === WAITING && clock.phase === COUNTDOWN) since = clock.tick;
          if (before >= PLAYING) assert.equal(clock.phase, before);
          assert.equal(isTimeUp(clock), clock.phase === PLAYING && clock.tick >= clock.phaseEnd);
          if (ends && clock.phase === PLAYING) endMatch(clock, BY_SCORE);
        }
      }),
    );
  });

  it("is written into the status of the match", () => {
    const clock = newClock();
    const status = { tick: 0, phase: "waiting", endsAtTick: 0, endReason: null } as const;
    clock.tick = 12;
    assert.deepEqual(writeStatus(clock, { ...status }), { ...status, tick: 12 });
    endMatch(clock, BY_SCORE);
    assert.deepEqual(writeStatus(clock, { ...status }), {
      ...{ tick: 12, phase: "ended", endsAtTick: 12, endReason: "score" },
    });
    const reasons = ["captured", "sunk"].map((_, at, own) => {
      endMatch(clock, BY_OWN + at);
      return writeStatus(clock, { ...status }, own).endReason;
    });
    assert.deepEqual(reasons, ["captured", "sunk"]);
  });

  it("rounds times up to ticks", () => {
    const times = [ticksIn(0, 20), ticksIn(1, 20), ticksIn(50, 20), ticksIn(51, 20), ticksIn(1000, 60)];
    assert.deepEqual(times, [0, 1, 1, 2, 60]);
  });
});
