import assert from "node:assert/strict";
import { RestartPauses } from "../../../src/platform/async/RestartPauses.ts";

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
