import assert from "node:assert/strict";
import { type Broken, Health } from "../../../src/platform/health/Health.ts";
import { readinessOf } from "../../../src/platform/health/readiness.ts";

function recorded() {
  const logged: string[] = [];
  const log = (_: object, line: string) => void logged.push(line);
  return { health: new Health({ info: log, warn: log }), logged };
}

describe("the health of a process", () => {
  it("keeps a condition until the part that reported it clears it, whatever else succeeds", async () => {
    const { health } = recorded();
    health.report("put to the lake", "S3_BUCKET: no permission", "sinks");
    health.report("list of the lake", "S3_BUCKET: no permission to list", "sinks");
    health.clear("list of the lake");
    health.clear("something else");
    assert.deepEqual(await health.conditions(), [{ line: "S3_BUCKET: no permission", breaks: "sinks" }]);
    health.clear("put to the lake");
    assert.deepEqual(await health.conditions(), []);
  });

  it("shows the newest text of a name, and each text once, as what it breaks most", async () => {
    const { health } = recorded();
    health.report("topic a", "old");
    health.report("topic a", "REDIS_URL: unavailable");
    health.addSource(async () => [{ line: "REDIS_URL: unavailable", breaks: "joins" }]);
    health.addSource(() => [{ line: "REDIS_URL: unavailable", breaks: null }]);
    assert.deepEqual(await health.conditions(), [{ line: "REDIS_URL: unavailable", breaks: "joins" }]);
  });

  it("logs a condition when it begins, changes and ends, and not each time it is reported", () => {
    const { health, logged } = recorded();
    for (const line of ["one", "one", "two"]) health.report("topic a", line);
    health.clear("topic a");
    health.clear("topic a");
    assert.deepEqual(logged, ["one", "two", "no longer: two"]);
  });
});

describe("readiness", () => {
  const conditions = (["joins", "relay", "sinks", null] as Broken[]).map((breaks) => ({ line: `${breaks}`, breaks }));
  const problemsOf = (...roles: Parameters<typeof readinessOf>[1]) => readinessOf(conditions, roles).problems;

  it("fails only for what a join needs, or for the only role of a process", () => {
    assert.deepEqual(problemsOf("game", "api", "relay", "sinks"), ["joins"]);
    assert.deepEqual(problemsOf("game"), ["joins"]);
    assert.deepEqual(problemsOf("api"), ["joins"]);
    assert.deepEqual(problemsOf("relay"), ["relay"]);
    assert.deepEqual(problemsOf("sinks"), ["sinks"]);
    assert.deepEqual(problemsOf("relay", "sinks"), []);
  });

  it("shows everything else as a warning", () => {
    const { ready, warnings } = readinessOf(conditions, ["relay", "sinks"]);
    assert.deepEqual([ready, warnings], [true, ["joins", "relay", "sinks", "null"]]);
    assert.equal(readinessOf(conditions, ["relay"]).ready, false);
  });
});
