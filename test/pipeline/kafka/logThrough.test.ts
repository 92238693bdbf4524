import assert from "node:assert/strict";
import { createRequire } from "node:module";
import kafkajs from "kafkajs";
import { logThrough, TRANSIENT_ANSWERS } from "../../../src/pipeline/kafka/kafkajs/logThrough.ts";
import { recordLines } from "../../platform/logging/recordLines.ts";

const { errorCodes } = createRequire(import.meta.url)("kafkajs/src/protocol/error.js") as {
  errorCodes: readonly { type: string; message: string }[];
};

describe("the log lines of kafkajs", () => {
  function record() {
    const { lines, log } = recordLines();
    const clock = { now: 0 };
    const write = logThrough(log, () => clock.now)(kafkajs.logLevel.WARN);
    const error = (namespace: string, message: string, fields: object = {}) =>
      write({ namespace, level: kafkajs.logLevel.ERROR, label: "ERROR", log: { message, ...fields } as never });
    return { lines, clock, error, warnings: () => lines.filter(([level]) => level !== "debug") };
  }

  for (const [type, text] of TRANSIENT_ANSWERS) {
    it(`raise no alarm for ${type}, which passes at a first start`, () => {
      const { lines, error, warnings } = record();
      error("Connection", "Response Metadata(key: 3, version: 6)", { error: text, broker: "a:9092" });
      error("Admin", "Could not create topics", { error: new Error(text), retryCount: 0 });
      assert.deepEqual([lines.length, warnings()], [2, []]);
      assert.equal(errorCodes.find((code) => code.type === type)?.message, text, "the text of kafkajs has changed");
    });
  }

  it("are not logged if they say nothing new", () => {
    const { error, warnings } = record();
    error("Producer", "Limiting retries for the idempotent producer may invalidate EoS guarantees");
    error("BrokerPool", "Failed to connect to seed broker, trying another broker from the list: connect ECONNREFUSED");
    error("Runner", "The group is rebalancing, re-joining", { groupId: "results" });
    assert.deepEqual(warnings(), []);
  });

  it("report a real failure: the same of one broker once a minute, with how many were left out", () => {
    const { clock, error, warnings } = record();
    for (; clock.now < 61_000; clock.now += 1000)
      for (const broker of ["a:9092", "b:9092"]) error("Connection", "Connection error: ECONNREFUSED", { broker });
    error("Connection", "Response Produce(key: 0, version: 7)", { error: "Not authorized to access topics" });
    const fields = { component: "kafkajs Connection" };
    assert.deepEqual(warnings(), [
      ["warn", { ...fields, broker: "a:9092" }, "Connection error: ECONNREFUSED"],
      ["warn", { ...fields, broker: "b:9092" }, "Connection error: ECONNREFUSED"],
      ["warn", { ...fields, broker: "a:9092", omitted: 59 }, "Connection error: ECONNREFUSED"],
      ["warn", { ...fields, broker: "b:9092", omitted: 59 }, "Connection error: ECONNREFUSED"],
      ["warn", { ...fields, error: "Not authorized to access topics" }, "Response Produce(key: 0, version: 7)"],
    ]);
  });
});
