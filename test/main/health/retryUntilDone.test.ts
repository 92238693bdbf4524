import assert from "node:assert/strict";
import { retryUntilDone } from "../../../src/main/health/retryUntilDone.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";

const options = (health: Health) => ({ health, name: "migration", breaks: null, firstMs: 1, lastMs: 4 });

describe("work that is retried until it is done", () => {
  it("reports why its last attempt failed, until one succeeds", async () => {
    const health = new Health(silent);
    const failures = ["no\nroom", "no permission"];
    const seen: string[] = [];
    const retried = retryUntilDone(async () => {
      seen.push(...health.standing().map(({ line }) => line));
      const failure = failures.shift();
      if (failure !== undefined) throw new Error(failure);
    }, options(health));
    assert.equal(retried.isDone(), false);
    await retried.done;
    assert.deepEqual([retried.isDone(), seen], [true, ["no room", "no permission"]]);
    assert.deepEqual(health.standing(), []);
  });

  it("ends when it is stopped", async () => {
    let attempts = 0;
    const attempted = Promise.withResolvers<void>();
    const retried = retryUntilDone(
      async () => {
        attempts++;
        attempted.resolve();
        throw new Error("unavailable");
      },
      { ...options(new Health(silent)), firstMs: 2 ** 30, lastMs: 2 ** 30 },
    );
    await attempted.promise;
    retried.stop();
    await new Promise(setImmediate);
    assert.deepEqual([attempts, retried.isDone()], [1, false]);
  });
});
