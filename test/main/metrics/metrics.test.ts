import assert from "node:assert/strict";
import { Metrics } from "../../../src/main/metrics/metrics.ts";

describe("the metrics of the outbox", () => {
  it("count dropped events from 0 for every topic that has events, so that the first one is an increase", async () => {
    const metrics = new Metrics();
    let shed = {};
    metrics.addSources({
      ...{ rooms: () => 0, players: () => 0, relay: null, sinks: null, outboxLimitBytes: 7 },
      outbox: () => ({
        ...{ mode: "open", outboxBytes: 0, oldestSeconds: 0, commitLagMs: 0, lostRecords: 0, shed },
        events: { logs_move: 3 },
      }),
    });
    const dropped = async () => /^hypogeum_shed_total.*$/m.exec(await metrics.registry.metrics())?.[0];
    assert.equal(await dropped(), 'hypogeum_shed_total{topic="logs_move"} 0');
    shed = { logs_move: 2 };
    assert.equal(await dropped(), 'hypogeum_shed_total{topic="logs_move"} 2');
    assert.match(await metrics.registry.metrics(), /^hypogeum_outbox_limit_bytes 7$/m);
  });
});
