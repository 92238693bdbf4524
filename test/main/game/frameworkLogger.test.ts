import assert from "node:assert/strict";
import { frameworkLogger } from "../../../src/main/game/frameworkLogger.ts";
import { recordLines } from "../../platform/logging/recordLines.ts";

describe("the framework's log lines", () => {
  it("keep the reason of a failure, and are repeated once a minute at most", () => {
    const { lines, log } = recordLines();
    let now = 0;
    const logger = frameworkLogger(log, () => now);
    for (; now < 90_000; now += 1000) logger.warn("RedisPresence: failed to re-subscribe:", "NOPERM channel");
    logger.info("room %s", "r1");
    assert.deepEqual(lines, [
      ["warn", {}, "RedisPresence: failed to re-subscribe: NOPERM channel"],
      ["warn", { omitted: 59 }, "RedisPresence: failed to re-subscribe: NOPERM channel"],
      ["info", {}, "room r1"],
    ]);
  });
});
