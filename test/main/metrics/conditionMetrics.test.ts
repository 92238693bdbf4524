import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Registry } from "prom-client";
import { aboutOf, addConditionMetrics } from "../../../src/main/metrics/conditionMetrics.ts";
import { type Condition, Health } from "../../../src/platform/health/Health.ts";

/** The series that are not 0, as `about severity: number`. */
async function countsOf(registry: Registry): Promise<string[]> {
  const [{ values }] = await registry.getMetricsAsJSON();
  return values
    .filter(({ value }) => value > 0)
    .map(({ labels, value }) => `${labels.about} ${labels.severity}: ${value}`);
}

describe("the metric of conditions", () => {
  const silent = { info() {}, warn() {} };

  it("counts the lines of /readyz by what they are about, and problems apart from warnings", async () => {
    const registry = new Registry();
    const health = new Health(silent);
    addConditionMetrics(registry, health, ["game"]);
    assert.deepEqual(await countsOf(registry), []);
    health.report("redis", "REDIS_URL: no Redis answers", "joins");
    health.report("reads", "DATABASE_URL: no server answers");
    health.report("writes", "DATABASE_URL: read-only");
    assert.deepEqual((await countsOf(registry)).sort(), ["database warning: 2", "redis problem: 1"]);
    health.clear("redis");
    assert.deepEqual(await countsOf(registry), ["database warning: 2"]);
  });

  it("has every series from the start, so that an alert on a change never misses the first", async () => {
    const registry = new Registry();
    addConditionMetrics(registry, new Health(silent), ["game"]);
    const [{ values }] = await registry.getMetricsAsJSON();
    assert.deepEqual([values.length, new Set(values.map(({ value }) => value))], [20, new Set([0])]);
  });

  it("answers a scrape with the lines that it knows, while a service does not respond", async () => {
    const registry = new Registry();
    const health = new Health(silent);
    health.report("reads", "DATABASE_URL: no server answers");
    const answer = Promise.withResolvers<Condition[]>();
    let asked = 0;
    health.addSource(() => {
      asked++;
      return answer.promise;
    });
    addConditionMetrics(registry, health, ["game"]);
    mock.timers.enable({ apis: ["setTimeout"] });
    try {
      for (let scrape = 0; scrape < 2; scrape++) {
        const counts = countsOf(registry);
        await turn();
        mock.timers.tick(1000);
        assert.deepEqual(await counts, ["database warning: 1"]);
      }
      assert.equal(asked, 1, "a scrape waits for the question of an earlier one, and does not ask again");
      answer.resolve([{ line: "KAFKA_BROKERS: no broker answers", breaks: null }]);
      assert.deepEqual((await countsOf(registry)).sort(), ["database warning: 1", "kafka warning: 1"]);
    } finally {
      mock.timers.reset();
    }
  });

  it("finds what a line is about by the first name in it", () => {
    const lines = {
      database: "DATABASE_URL: no server answers at 127.0.0.1:5432",
      warehouse: "sink warehouse: WAREHOUSE_URL: permission denied",
      redis: "REDIS_URL: 127.0.0.1:6379 gave no answer to a write within 1000 ms; players cannot join",
      kafka: "KAFKA_BROKERS: no broker answers at 127.0.0.1:9092: check the topics too",
      topics: "topic logs_move has 3 partitions, expected 16 (KAFKA_PARTITIONS=16)",
      s3: "sink lake: S3_ENDPOINT: no server answers at http://127.0.0.1:9000",
      outbox: "outbox 0198: 3 MB are not acknowledged, OUTBOX_MAX_MB is 2 (shedding moves): check relay and sinks",
      data_dir: "sink lake: DATA_DIR: the directory cannot be used",
      other: "the sinks thread does not respond",
    };
    for (const [about, line] of Object.entries(lines)) assert.equal(aboutOf(line), about);
  });
});
