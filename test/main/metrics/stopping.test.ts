import assert from "node:assert/strict";
import { STOPPING } from "../../../src/main/game/startServer.ts";
import { aboutOf } from "../../../src/main/metrics/conditionMetrics.ts";

describe("the line of /readyz while a process stops", () => {
  it("is counted apart from failures, which have alerts of their own", () => {
    assert.equal(aboutOf(STOPPING), "stopping");
  });
});
