import assert from "node:assert/strict";
import { FailureLog } from "../../../src/platform/logging/FailureLog.ts";
import { recordLines } from "./recordLines.ts";

describe("the log of work that fails again and again", () => {
  it("contains the first failure, a summary once a minute, and the recovery", () => {
    const { lines, log } = recordLines();
    let now = 0;
    const failures = new FailureLog({ log, what: "a heartbeat", now: () => now });
    failures.succeeded();
    const error = new Error("no answer");
    for (let beat = 0; beat <= 4 * 150; beat++, now += 250) failures.failed(error, { mode: "duel" });
    failures.succeeded();
    failures.succeeded();
    failures.failed(error);
    assert.deepEqual(lines, [
      ["warn", { err: error, mode: "duel" }, "a heartbeat failed; retrying"],
      ...[60, 120].map((seconds) => [
        "warn",
        { error: "no answer", mode: "duel", failures: 4 * seconds + 1, seconds },
        "a heartbeat still fails; retrying",
      ]),
      ["info", { failures: 601, seconds: 150 }, "a heartbeat works again"],
      ["warn", { err: error }, "a heartbeat failed; retrying"],
    ]);
  });
});
