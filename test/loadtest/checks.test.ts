/** The arithmetic of the load test's checks, on times and positions that are handed in. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { CrossClientLatency } from "../../loadtest/CrossClientLatency.ts";
import { FixedRateTimer } from "../../loadtest/FixedRateTimer.ts";
import { LoadStats, percentilesOf } from "../../loadtest/LoadStats.ts";
import { PatchChecker } from "../../loadtest/PatchChecker.ts";
import { PredictionCheck } from "../../loadtest/PredictionCheck.ts";
import { countsBetween, parseExposition, quantile } from "../../loadtest/ServerSamples.ts";

const STEP_MS = 50;

/** Shows a watch `patches`, each a tick and its arrival in ms. */
function watched(patches: readonly (readonly [tick: number, at: number])[]) {
  const stats = new LoadStats();
  const checker = new PatchChecker(1000 / STEP_MS);
  for (const [tick, at] of patches) checker.check(tick, at, stats);
  const { missedTicks, skippedTicks, reorderedPatches } = stats.counters;
  return { missedTicks, skippedTicks, reorderedPatches };
}

const onTime = (ticks: number) => Array.from({ length: ticks }, (_, tick) => [tick, tick * STEP_MS] as const);

describe("the watch over a client's patches", () => {
  const nothing = { missedTicks: 0, skippedTicks: 0, reorderedPatches: 0 };

  it("finds nothing in patches that come in order, however they jitter within an interval", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 45, noNaN: true }), { minLength: 2, maxLength: 400 }), (late) => {
        const patches = late.map((ms, tick) => [tick + 7, tick * STEP_MS + ms] as const);
        assert.deepEqual(watched(patches), nothing);
      }),
    );
  });

  it("counts every number that was left out as missed", () => {
    const patches = onTime(200).filter(([tick]) => tick === 0 || tick % 10 !== 0);
    assert.deepEqual(watched(patches), { ...nothing, missedTicks: 19 });
  });

  it("counts a patch that comes after a later one as reordered, and as missed no more", () => {
    const held = [50, 51 * STEP_MS] as const;
    const patches = [...onTime(50), [51, 51 * STEP_MS] as const, held, ...onTime(100).slice(52)];
    assert.deepEqual(watched(patches), { ...nothing, reorderedPatches: 1 });
  });

  it("counts time for which no tick stands as skipped", () => {
    const patches = onTime(200).map(([tick, at]) => [tick, at + (tick >= 60 ? 3 * STEP_MS : 0)] as const);
    assert.deepEqual(watched(patches), { ...nothing, skippedTicks: 3 });
  });

  it("does not count a stall that was made up for", () => {
    const patches = onTime(200).map(([tick, at]) => [tick, at + (tick >= 60 && tick < 70 ? 90 : 0)] as const);
    assert.deepEqual(watched(patches), nothing);
  });
});

describe("a bot's prediction", () => {
  const walk = (position: { x: number; y: number }, frame: Int32Array) => {
    position.x += frame[0];
  };

  it("is right where the server moves by the same rule", () => {
    const prediction = new PredictionCheck(walk);
    let x = 100;
    assert.equal(prediction.frameAcknowledged(0, 1, { x, y: 0 }), null);
    for (let seq = 1; seq <= 20; seq++) prediction.frameSent(seq, Int32Array.of(seq));
    for (let seq = 1; seq <= 20; seq++) {
      x += seq;
      assert.equal(prediction.frameAcknowledged(seq, 1, { x, y: 0 }), 0);
    }
  });

  it("tells by how far it was wrong, once, and goes on from where the server is", () => {
    const prediction = new PredictionCheck(walk);
    prediction.frameAcknowledged(0, 1, { x: 0, y: 0 });
    for (let seq = 1; seq <= 3; seq++) prediction.frameSent(seq, Int32Array.of(10));
    assert.equal(prediction.frameAcknowledged(1, 1, { x: 4, y: 8 }), 10);
    assert.equal(prediction.frameAcknowledged(2, 1, { x: 14, y: 8 }), 0);
  });

  it("compares nothing while the rules put the body elsewhere, or it cannot move", () => {
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

describe("what another client sees", () => {
  it("is timed once per room and tick, by the second client that is told", () => {
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

describe("the server's metrics", () => {
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

  it("give quantiles between the bounds of a bucket, and no more than the last finite bound", () => {
    const x = parseExposition(text).buckets.get("x")!;
    assert.equal(quantile(x, 0.05), 0.0005);
    assert.equal(quantile(x, 0.525)?.toFixed(6), "0.005500");
    assert.equal(quantile(x, 0.99), 0.01);
    assert.equal(quantile(countsBetween(x, x), 0.5), null);
  });
});

describe("the sendTimer", () => {
  function beats(stallAtMs: number, stallMs: number) {
    let now = 0;
    let next: (() => void) | null = null;
    let dueAt = 0;
    const given: number[] = [];
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
    const sendTimer = new FixedRateTimer(4, 20, clock, (index) => given.push(index));
    while (now < 1000) {
      now = dueAt + (dueAt >= stallAtMs && now < stallAtMs ? stallMs : 0);
      next!();
    }
    sendTimer.stop();
    return given;
  }

  it("gives every index its turn at the rate", () => {
    const given = beats(5000, 0);
    for (const index of [0, 1, 2, 3]) {
      const count = given.filter((each) => each === index).length;
      assert.ok(count === 20 || count === 21, `${count} beats of ${index}`);
    }
  });

  it("makes up for a stall by no burst, and keeps every index in its turn", () => {
    const given = beats(300, 400);
    assert.ok(given.length < 60, `${given.length} beats`);
    assert.deepEqual(
      given,
      given.map((_, at) => at % 4),
    );
  });
});
