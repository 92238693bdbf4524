/** The program's own metrics with a value of each, so that every label occurs. */
import { addConditionMetrics } from "../../../src/main/metrics/conditionMetrics.ts";
import { Metrics } from "../../../src/main/metrics/metrics.ts";
import { Health } from "../../../src/platform/health/Health.ts";

const DUEL = { game: "arena", mode: "duel" };

/** The labels of each series. Histograms have their series `_bucket`, `_sum` and `_count`. */
export async function exampleLabels(): Promise<Map<string, Set<string>>> {
  const metrics = new Metrics();
  const byTopic = { logs_move: 1 };
  const bySink = { lake: 1 };
  metrics.addSources({
    rooms: () => 1,
    players: () => 1,
    outboxLimitBytes: 2,
    outbox: () => ({
      ...{ mode: "open", outboxBytes: 1, oldestSeconds: 1, commitLagMs: 1, lostRecords: 0 },
      ...{ shed: byTopic, events: byTopic },
    }),
    relay: () => ({
      ...{ outboxBytes: 1, oldestSeconds: 1, acknowledgedTotal: 1, batchesTotal: 1, outboxes: {}, conditions: [] },
      ...{ heldSeconds: byTopic, refusals: byTopic },
    }),
    sinks: async () => ({
      lag: bySink,
      rejected: bySink,
      putFailures: bySink,
      deletedDays: { warehouse: 1 },
      conditions: [],
    }),
  });
  const byKind = () => ({ acts: 1 });
  metrics.addUnpublished(byKind, byKind);
  metrics.addDroppedTicks(() => 1);
  metrics.addQueueGauge(async () => [{ ...DUEL, players: 1 }]);
  metrics.recordStep(DUEL, 1, 1);
  metrics.recordSlowStep(DUEL);
  metrics.recordJoin(DUEL);
  metrics.recordRefusal("SERVER_BUSY");
  metrics.recordWait(DUEL, 1);
  addConditionMetrics(metrics.registry, new Health({ info() {}, warn() {} }), ["game"]);
  const labels = new Map<string, Set<string>>();
  for (const { name: metric, values } of await metrics.registry.getMetricsAsJSON()) {
    for (const value of values) {
      const name = (value as { metricName?: string }).metricName ?? metric;
      labels.set(name, new Set([...(labels.get(name) ?? []), ...Object.keys(value.labels)]));
    }
  }
  return labels;
}
