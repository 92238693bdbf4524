import assert from "node:assert/strict";
import fc from "fast-check";
import { CrossClientLatency } from "../../loadtest/CrossClientLatency.ts";
import { FixedRateTimer } from "../../loadtest/FixedRateTimer.ts";
import { LoadStats, percentilesOf } from "../../loadtest/LoadStats.ts";
import { PatchChecker } from "../../loadtest/PatchChecker.ts";
import { PredictionCheck } from "../../loadtest/PredictionCheck.ts";
import { countsBetween, parseExposition, quantile } from "../../loadtest/ServerSamples.ts";

const STEP_MS = 50;

/** Counts the faults in `patches`: a tick and its arrival in ms each. */
function faultsOf(patches: readonly (readonly [tick: number, at: number])[]) {
  const stats = new LoadStats();
  const checker = new PatchChecker(1000 / STEP_MS);
  for (const [tick, at] of patches) checker.check(tick, at, stats);
  const { missedTicks, skippedTicks, reorderedPatches } = stats.counters;
  return { missedTicks, skippedTicks, reorderedPatches };
}

const onTime = (ticks: number) => Array.from({ length: ticks }, (_, tick) => [tick, tick * STEP_MS] as const);

describe("the check of a client's patches", () => {
  const nothing = { missedTicks: 0, skippedTicks: 0, reorderedPatches: 0 };

  it("finds no fault in patches that arrive in order, with any jitter within an interval", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 45, noNaN: true }), { minLength: 2, maxLength: 400 }), (late) => {
        const patches = late.map((ms, tick) => [tick + 7, tick * STEP_MS + ms] as const);
        assert.deepEqual(faultsOf(patches), nothing);
      }),
    );
  });

  it("counts each missing tick number as missed", () => {
    const patches = onTime(200).filter(([tick]) => tick === 0 || tick % 10 !== 0);
    assert.deepEqual(faultsOf(patches), { ...nothing, missedTicks: 19 });
  });

  it("counts a patch that arrives after a later patch as reordered, and no longer as missed", () => {
    const held = [50, 51 * STEP_MS] as const;
    const patches = [...onTime(50), [51, 51 * STEP_MS] as const, held, ...onTime(100).slice(52)];
    assert.deepEqual(faultsOf(patches), { ...nothing, reorderedPatches: 1 });
  });

  it("counts intervals without a tick as skipped", () => {
    const patches = onTime(200).map(([tick, at]) => [tick, at + (tick >= 60 ? 3 * STEP_MS : 0)] as const);
    assert.deepEqual(faultsOf(patches), { ...nothing, skippedTicks: 3 });
  });

  it("does not count a stall after which the server catches up", () => {
    const patches = onTime(200).map(([tick, at]) => [tick, at + (tick >= 60 && tick < 70 ? 90 : 0)] as const);
    assert.deepEqual(faultsOf(patches), nothing);
  });
});

describe("the check of a bot's prediction", () => {
  const walk = (position: { x: number; y: number }, frame: Int32Array) => {
    position.x += frame[0];
  };

  it("finds no error if the server moves the body by the same rule", () => {
    const prediction = new PredictionCheck(walk);
    let x = 100;
    assert.equal(prediction.frameAcknowledged(0, 1, { x, y: 0 }), null);
    for (let seq = 1; seq <= 20; seq++) prediction.frameSent(seq, Int32Array.of(seq));
    for (let seq = 1; seq <= 20; seq++) {
      x += seq;
      assert.equal(prediction.frameAcknowledged(seq, 1, { x, y: 0 }), 0);
    }
  });

  it("returns an error once, and continues from the server's position", () => {
    const prediction = new PredictionCheck(walk);
    prediction.frameAcknowledged(0, 1, { x: 0, y: 0 });
    for (let seq = 1; seq <= 3; seq++) prediction.frameSent(seq, Int32Array.of(10));
    assert.equal(prediction.frameAcknowledged(1, 1, { x: 4, y: 8 }), 10);
    assert.equal(prediction.frameAcknowledged(2, 1, { x: 14, y: 8 }), 0);
  });

  it("compares nothing while the body cannot move, or after the rules have moved it elsewhere", () => {
    const prediction = new PredictionCheck(walk);
    prediction.frameAcknowledged(0, 1, { x: 0, y: 0 });
    prediction.frameSent(1, Int32Array.of(10));
    assert.equal(prediction.frameAcknowledged(1, -1, { x: 10, y: 0 }), null);
    prediction.frameSent(2, Int32Array.of(10));
    assert.equal(prediction.frameAcknowledged(2, 2, { x: 900, y: 0 }), null);
    prediction.frameSent(3, Int32Array.of(10));
    assert.equal(prediction.frameAcknowledged(3, 2, { x: 910, y: 0 }), 0);
  });
});

describe("the time until another client sees an input", () => {
  it("is measured once per room and tick, when the second client receives the tick", () => {
    const stats = new LoadStats();
    const crossClientLatency = new CrossClientLatency();
    crossClientLatency.patchReceived("r", 1, 100, 130, stats);
    crossClientLatency.patchReceived("r", 1, 90, 131, stats);
    crossClientLatency.patchReceived("r", 1, 80, 132, stats);
    crossClientLatency.patchReceived("other", 1, 80, 132, stats);
    const { count, max } = percentilesOf(stats, "seen");
    assert.deepEqual([count, Math.round(max!)], [1, 31]);
  });
});

describe("a server's metrics", () => {
  const text = [
    "# HELP x y",
    'x_bucket{le="0.001",mode="duel"} 10',
    'x_bucket{le="0.01",mode="duel"} 90',
    'x_bucket{le="+Inf",mode="duel"} 100',
    'x_bucket{le="0.001",mode="ffa"} 10',
    'x_bucket{le="0.01",mode="ffa"} 100',
    'x_bucket{le="+Inf",mode="ffa"} 100',
    "up 1.5",
    'refused{reason="a"} 2',
    'refused{reason="b"} 3',
  ].join("\n");

  it("are summed over labels", () => {
    const { values, buckets } = parseExposition(text);
    assert.deepEqual([values.get("up"), values.get("refused")], [1.5, 5]);
    assert.deepEqual(buckets.get("x"), { bounds: [0.001, 0.01, Number.POSITIVE_INFINITY], counts: [20, 190, 200] });
  });

  it("give quantiles interpolated within a bucket, and at most the last finite bound", () => {
    const x = parseExposition(text).buckets.get("x")!;
    assert.equal(quantile(x, 0.05), 0.0005);
    assert.equal(quantile(x, 0.525)?.toFixed(6), "0.005500");
    assert.equal(quantile(x, 0.99), 0.01);
    assert.equal(quantile(countsBetween(x, x), 0.5), null);
  });
});

describe("the fixed-rate timer", () => {
  function ticksOf(stallAtMs: number, stallMs: number) {
    let now = 0;
    let next: (() => void) | null = null;
    let dueAt = 0;
    const calls: number[] = [];
    const clock = {
      now: () => now,
      after(ms: number, run: () => void) {
        next = run;
        dueAt = now + ms;
        return () => {
          next = null;
        };
      },
    };
    const sendTimer = new FixedRateTimer(4, 20, clock, (index) => calls.push(index));
    while (now < 1000) {
      now = dueAt + (dueAt >= stallAtMs && now < stallAtMs ? stallMs : 0);
      next!();
    }
    sendTimer.stop();
    return calls;
  }

  it("calls back for every index at the rate", () => {
    const calls = ticksOf(5000, 0);
    for (const index of [0, 1, 2, 3]) {
      const count = calls.filter((each) => each === index).length;
      assert.ok(count === 20 || count === 21, `${count} ticks of ${index}`);
    }
  });

  it("does not catch up with a burst after a stall, and keeps the order of the indices", () => {
    const calls = ticksOf(300, 400);
    assert.ok(calls.length < 60, `${calls.length} ticks`);
    assert.deepEqual(
      calls,
      calls.map((_, at) => at % 4),
    );
  });
});
