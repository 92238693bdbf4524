/** The modes of an outbox: their limits, the order in which events are dropped, and the allowed transitions. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { isTransitionAllowed, nextMode, type OutboxMode, sheddingIn } from "../../../src/pipeline/outbox/modes.ts";

const LIMIT = 1000;

function settle(from: OutboxMode, sizeBytes: number, commitLagMs = 0, failed = false): OutboxMode {
  for (let mode = from; ; ) {
    const next = nextMode(mode, { sizeBytes, commitLagMs, failed }, LIMIT);
    if (next === mode) return mode;
    assert(isTransitionAllowed(mode, next), `${mode} → ${next}`);
    mode = next;
  }
}

describe("outbox modes", () => {
  it("are open below the limit, drop moves at it, combat at 1.5 times, and abort at 2 times", () => {
    const at = (size: number) => settle("open", size);
    assert.deepEqual([999, 1000, 1499, 1500, 1999, 2000].map(at), [
      "open",
      "shedding moves",
      "shedding moves",
      "shedding combat",
      "shedding combat",
      "aborting",
    ]);
  });

  it("drop `first`, then `first` and `second`, and nothing else in any mode", () => {
    const modes: OutboxMode[] = [
      "open",
      "refusing",
      "shedding moves",
      "shedding combat",
      "aborting",
      "failed",
      "closed",
    ];
    const levels = ["nothing", "nothing", "first", "firstAndSecond", "firstAndSecond", "nothing", "nothing"];
    assert.deepEqual(modes.map(sheddingIn), levels);
  });

  it("refuse new matches while commits lag more than 250 ms", () => {
    assert.equal(settle("open", 0, 250), "open");
    assert.equal(settle("open", 0, 251), "refusing");
    assert.equal(settle("refusing", 0, 100), "open");
  });

  it("are left only at nine tenths of the size at which they were entered", () => {
    assert.equal(settle("shedding moves", 901), "shedding moves");
    assert.equal(settle("shedding moves", 899), "open");
    assert.equal(settle("aborting", 1801), "aborting");
    assert.equal(settle("aborting", 1799), "shedding combat");
  });

  it("can all fail, recover through `refusing`, and never leave `closed`", () => {
    assert.equal(settle("aborting", 2000, 0, true), "failed");
    assert.equal(nextMode("failed", { sizeBytes: 0, commitLagMs: 0, failed: false }, LIMIT), "refusing");
    assert.equal(settle("closed", 5000, 900, true), "closed");
    assert.equal(isTransitionAllowed("closed", "open"), false);
    assert.equal(isTransitionAllowed("open", "aborting"), false);
  });

  it("do not depend on earlier modes for sizes outside the hysteresis", () => {
    const measures = fc.record({ sizeBytes: fc.nat(3000), commitLagMs: fc.nat(500), failed: fc.boolean() });
    fc.assert(
      fc.property(fc.array(measures), fc.constantFrom(100, 1200, 1700, 2500), (history, size) => {
        let mode: OutboxMode = "open";
        for (const { sizeBytes, commitLagMs, failed } of history) mode = settle(mode, sizeBytes, commitLagMs, failed);
        assert.equal(settle(mode, size), settle("open", size));
      }),
    );
  });
});
