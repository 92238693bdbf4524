import assert from "node:assert/strict";
import {
  type BatchHandler,
  type Consumer,
  type EventLog,
  type OutgoingMessage,
  Unrecoverable,
} from "../../../src/pipeline/log/EventLog.ts";
import { createRejects } from "../../../src/pipeline/sinks/rejects.ts";
import { runSink } from "../../../src/pipeline/sinks/runSink.ts";
import { Feed } from "./Feed.ts";

const feed = new Feed();
const bytes = Buffer.from([0xff, 0, 1]);
feed.add(3, { topic: "logs_move", key: "k", headers: { id: "a", seq: "s:1" }, value: bytes });
const [one] = feed.partitions;

/** A log that records the arguments of `consume`, and lets the test end the consumer. */
function fakeLog(problems: readonly string[] = []) {
  const consumed: { group?: string; topics?: readonly string[]; handler?: BatchHandler } = {};
  const ended = Promise.withResolvers<void>();
  const stop = async () => ended.resolve();
  const consumer: Consumer = {
    ...{ stopped: ended.promise, lagSeconds: () => 7, isCaughtUp: () => false },
    ...{ problems: () => problems, stop },
  };
  const log: EventLog = {
    publish: async () => {},
    async consume(group, topics, handler) {
      Object.assign(consumed, { group, topics, handler });
      return consumer;
    },
    problem: () => null,
    warnings: () => [],
    close: async () => {},
  };
  return { log, consumed, ended };
}

const handler: BatchHandler = {
  onAssigned: async () => null,
  apply: async () => {},
  onSkipped: () => {},
  onRevoked: async () => {},
};

describe("running a sink", () => {
  it("joins the group of its name on its topics, and reports its lag", async () => {
    const { log, consumed } = fakeLog();
    const sink = await runSink(log, { name: "live", topics: ["logs_move"], handler });
    assert.deepEqual([consumed.group, consumed.topics, consumed.handler], ["live", ["logs_move"], handler]);
    assert.deepEqual([sink.lagSeconds(), sink.problems()], [7, []]);
    await sink.stop();
    assert.equal(await sink.ended, null);
  });

  it("reports why its partitions make no progress, each text once", async () => {
    const { log } = fakeLog(["no room", "no room", "no permission"]);
    const sink = await runSink(log, { name: "lake", topics: [], handler });
    assert.deepEqual(sink.problems(), ["sink lake: no room", "sink lake: no permission"]);
  });

  it("reports why it cannot continue", async () => {
    const { log, ended } = fakeLog();
    const sink = await runSink(log, { name: "lake", topics: [], handler });
    ended.reject(new Unrecoverable("the topic\nwas recreated"));
    assert.equal(await sink.ended, "sink lake: the topic was recreated");
    assert.deepEqual(sink.problems(), ["sink lake: the topic was recreated"]);
  });
});

describe("rejects", () => {
  it("keep the original bytes, key and headers, and add origin and reason", async () => {
    const published: OutgoingMessage[] = [];
    const counted: string[] = [];
    const log = { publish: async (messages: readonly OutgoingMessage[]) => void published.push(...messages) };
    const rejects = createRejects(log, "warehouse", (sink, reason) => counted.push(`${sink} ${reason}`));
    await rejects.publish([
      { message: one.messages[0], reason: "not-json", detail: "expected JSON: could not parse 3 bytes" },
    ]);
    await rejects.publish([]);
    const origin = { sink: "warehouse", topic: "logs_move", partition: "3", offset: "0" };
    const headers = {
      id: "a",
      seq: "s:1",
      reason: "not-json",
      detail: "expected JSON: could not parse 3 bytes",
      ...origin,
    };
    assert.deepEqual(published, [{ topic: "logs_rejected", key: Buffer.from("k"), headers, value: bytes }]);
    assert.deepEqual(counted, ["warehouse not-json"]);
  });

  it("are not counted while the log is unavailable", async () => {
    const counted: string[] = [];
    const log = { publish: () => Promise.reject(new Error("unavailable")) };
    const rejects = createRejects(log, "lake", (sink) => counted.push(sink));
    await assert.rejects(rejects.publish([{ message: one.messages[0], reason: "empty", detail: "" }]), /unavailable/);
    assert.deepEqual(counted, []);
  });
});
