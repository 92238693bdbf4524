import assert from "node:assert/strict";
import { RecurringTask } from "../../../src/pipeline/sinks/RecurringTask.ts";
import { DAY_MS, NOON_MS } from "./matches.ts";

const MINUTE_MS = 60_000;

describe("a recurring task", () => {
  it("runs once in a period, and repeats what failed after pauses that grow to an hour, without an error for its caller", async () => {
    let elapsedMs = 0;
    let isBroken = true;
    const ranAt: number[] = [];
    const lines: string[] = [];
    const work = async () => {
      ranAt.push(elapsedMs / MINUTE_MS);
      if (isBroken) throw new Error("no permission\nto delete");
    };
    const task = new RecurringTask("sink lake: deleting", work, {
      periodMs: DAY_MS,
      now: () => NOON_MS + elapsedMs,
      monotonicMs: () => elapsedMs,
      warn: (line) => lines.push(line),
    });
    const runUntil = async (minutes: number) => {
      for (; elapsedMs < minutes * MINUTE_MS; elapsedMs += MINUTE_MS) await task.runIfDue();
    };
    await runUntil(200);
    assert.deepEqual(ranAt, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
    assert.equal(lines[1], "sink lake: deleting failed, trying again in 2 min: no permission to delete");
    isBroken = false;
    await runUntil(400);
    assert.deepEqual(ranAt.slice(9), [243]);
    await runUntil((2 * DAY_MS) / MINUTE_MS);
    assert.deepEqual(ranAt.slice(10), [720, 720 + 1440]);
  });
});
