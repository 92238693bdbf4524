import assert from "node:assert/strict";
import { StopRequests } from "../../../src/platform/async/StopRequests.ts";

describe("StopRequests", () => {
  let now = 0;
  const requests = () => new StopRequests(() => now);

  it("counts the same signal twice within a second as one request", () => {
    const counted = requests();
    assert.equal(counted.add("SIGINT"), 1);
    now += 999;
    assert.equal(counted.add("SIGINT"), null);
  });

  it("counts the same signal a second later again, also if it was repeated in between", () => {
    const counted = requests();
    counted.add("SIGTERM");
    now += 600;
    counted.add("SIGTERM");
    now += 400;
    assert.equal(counted.add("SIGTERM"), 2);
  });

  it("counts another signal at once", () => {
    const counted = requests();
    counted.add("SIGINT");
    assert.equal(counted.add("SIGTERM"), 2);
  });
});
