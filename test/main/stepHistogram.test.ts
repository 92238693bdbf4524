import assert from "node:assert/strict";
import { Histogram, Registry } from "prom-client";
import { StepHistogram } from "../../src/main/metrics/StepHistogram.ts";

describe("the histogram of steps", () => {
  it("exports the same text as the histogram of prom-client", async () => {
    const [ours, stock] = [new Registry(), new Registry()];
    const buckets = [0.001, 0.01, 0.5];
    const [name, help] = ["lateness_seconds", "how late"];
    const histogram = new StepHistogram(ours, name, help, buckets);
    const peer = new Histogram({ name, help, buckets, labelNames: ["game", "mode"], registers: [stock] });
    for (const [game, mode, value] of [
      ["arena", "duel", 0],
      ["arena", "duel", 0.001],
      ["arena", "ffa", 0.0011],
      ["tag", "duel", 0.4],
      ["arena", "ffa", 7],
    ] as const) {
      histogram.observe(game, mode, value);
      peer.observe({ game, mode }, value);
    }
    assert.equal(await ours.metrics(), await stock.metrics());
    assert.deepEqual((await ours.getMetricsAsJSON())[0].values.length, 18);
  });
});
