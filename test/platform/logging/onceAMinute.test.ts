import assert from "node:assert/strict";
import { onceAMinute } from "../../../src/platform/logging/onceAMinute.ts";
import { recordLines } from "./recordLines.ts";

describe("a logger for work that is retried", () => {
  it("logs each reason once a minute, for all partitions together, and says how often it was left out", () => {
    const { lines, log } = recordLines();
    let now = 0;
    const logger = onceAMinute(log, () => now);
    for (; now < 61_000; now += 1000)
      for (let partition = 0; partition < 2; partition++)
        logger.warn({ partition, error: "unavailable" }, "applying a batch failed");
    logger.warn({ partition: 0, error: "no permission" }, "applying a batch failed");
    assert.deepEqual(
      lines.filter(([level]) => level === "warn"),
      [
        ["warn", { partition: 0, error: "unavailable" }, "applying a batch failed"],
        ["warn", { partition: 0, error: "unavailable", omitted: 119 }, "applying a batch failed"],
        ["warn", { partition: 0, error: "no permission" }, "applying a batch failed"],
      ],
    );
    assert.equal(lines.filter(([level]) => level === "debug").length, 120);
  });
});
