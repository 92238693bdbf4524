import assert from "node:assert/strict";
import { HangTimer } from "../../../src/main/watchdog/HangTimer.ts";

const [LIMIT_MS, POLL_MS] = [5000, 250];

describe("the time of a call that does not return", () => {
  let now = 1000;
  let timer: HangTimer;
  beforeEach(() => {
    now = 1000;
    timer = new HangTimer(LIMIT_MS, POLL_MS);
  });

  /** Asks in the usual intervals for `ms`. Returns whether the limit was reached. */
  function pass(ms: number, entry: number | null): boolean {
    let isOver = false;
    for (const end = now + ms; now < end; now += POLL_MS) isOver = timer.isOver(entry, now);
    return isOver;
  }

  it("is over after the limit", () => {
    assert.equal(pass(LIMIT_MS, 7), false);
    assert.equal(pass(2 * POLL_MS, 7), true);
  });

  it("begins again with each call", () => {
    assert.equal(pass(LIMIT_MS, 7), false);
    assert.equal(pass(LIMIT_MS, 8), false);
    assert.equal(pass(POLL_MS, null), false);
    assert.equal(pass(LIMIT_MS, 8), false);
  });

  it("never ends while no call runs", () => assert.equal(pass(10 * LIMIT_MS, null), false));

  it("does not count the time for which the machine was suspended", () => {
    pass(POLL_MS, 7);
    now += 3_600_000;
    assert.equal(pass(LIMIT_MS - 4 * POLL_MS, 7), false);
    assert.equal(pass(5 * POLL_MS, 7), true);
  });
});
