import assert from "node:assert/strict";
import { frameworkLogger } from "../../../src/main/game/frameworkLogger.ts";

function recorder() {
  const lines: [level: string, fields: object, line: string][] = [];
  const level = (name: string) => (fields: object | string, line?: string) =>
    void lines.push(typeof fields === "string" ? [name, {}, fields] : [name, fields, line!]);
  const log = Object.fromEntries(["trace", "debug", "info", "warn", "error"].map((name) => [name, level(name)]));
  return { lines, log: log as any };
}

describe("the framework's log lines", () => {
  it("keep the reason of a failure, and are repeated once a minute at most", () => {
    const { lines, log } = recorder();
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
