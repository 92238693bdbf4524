import assert from "node:assert/strict";
import { mock } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Registry } from "prom-client";
import { addConditionMetrics } from "../../../src/main/metrics/conditionMetrics.ts";
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
    assert.deepEqual([values.length, new Set(values.map(({ value }) => value))], [26, new Set([0])]);
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
});
