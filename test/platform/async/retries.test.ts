import assert from "node:assert/strict";
import { RestartPauses } from "../../../src/platform/async/RestartPauses.ts";
import { retryUntilDone } from "../../../src/platform/async/retryUntilDone.ts";

describe("the pauses before restarts", () => {
  it("grow up to a limit while each run is short, and begin again after a long run", () => {
    let nowMs = 0;
    const pauses = new RestartPauses(100, 1_000, () => nowMs);
    const runFor = (ms: number) => {
      pauses.onStart();
      nowMs += ms;
      return pauses.takeMs();
    };
    assert.deepEqual([5, 5, 5, 5, 5, 5].map(runFor), [100, 200, 400, 800, 1_000, 1_000]);
    assert.deepEqual([60_001, 5].map(runFor), [100, 200]);
  });
});

describe("work that is retried until it is done", () => {
  const never = new AbortController().signal;

  it("is repeated after growing pauses, and each failure is reported", async () => {
    const reported: string[] = [];
    let attempts = 0;
    const work = async () => {
      if (++attempts < 5) throw new Error(`attempt ${attempts}`);
    };
    const pauses = { firstMs: 1, lastMs: 4, signal: never };
    const done = await retryUntilDone(work, pauses, ({ message }, ms) => reported.push(`${message}, ${ms} ms`));
    assert.equal(done, true);
    assert.deepEqual(reported, ["attempt 1, 1 ms", "attempt 2, 2 ms", "attempt 3, 4 ms", "attempt 4, 4 ms"]);
  });

  it("ends without a further attempt when it is stopped", async () => {
    const stopping = new AbortController();
    let attempts = 0;
    const work = async () => {
      attempts++;
      throw new Error("no");
    };
    const done = await retryUntilDone(work, { firstMs: 2 ** 30, lastMs: 2 ** 30, signal: stopping.signal }, () =>
      stopping.abort(),
    );
    assert.deepEqual([done, attempts], [false, 1]);
  });
});
