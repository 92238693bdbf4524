import assert from "node:assert/strict";
import {
  type BatchHandler,
  type Consumer,
  type EventLog,
  type OutgoingMessage,
  PartitionLost,
  Unrecoverable,
} from "../../../src/pipeline/log/EventLog.ts";
import { createRejects } from "../../../src/pipeline/sinks/rejects.ts";
import { runSink, type SinkMetrics } from "../../../src/pipeline/sinks/runSink.ts";
import { Feed } from "./Feed.ts";

const feed = new Feed();
const bytes = Buffer.from([0xff, 0, 1]);
feed.add(3, { topic: "logs_move", key: "k", headers: { id: "a", seq: "s:1" }, value: bytes });
const [one] = feed.partitions;

/** A log that records the arguments of `consume`, and lets the test end the consumer. */
function fakeLog() {
  const consumed: { group?: string; topics?: readonly string[]; handler?: BatchHandler } = {};
  const ended = Promise.withResolvers<void>();
  const consumer: Consumer = { stopped: ended.promise, lagSeconds: () => 7, stop: async () => ended.resolve() };
  const log: EventLog = {
    publish: async () => {},
    async consume(group, topics, handler) {
      Object.assign(consumed, { group, topics, handler });
      return consumer;
    },
    problem: () => null,
    close: async () => {},
  };
  return { log, consumed, ended };
}

const silent: SinkMetrics = { lag: () => () => {}, rejected: () => {} };

function handlerOf(outcome: () => void): BatchHandler {
  return {
    onAssigned: async () => null,
    apply: async () => outcome(),
    onSkipped: () => {},
    onRevoked: async () => {},
  };
}

describe("running a sink", () => {
  it("joins the group of its name on its topics, and reports its lag until it is stopped", async () => {
    const { log, consumed } = fakeLog();
    const read: (() => number)[] = [];
    const metrics: SinkMetrics = {
      ...silent,
      lag(_, lag) {
        read.push(lag);
        return () => void read.pop();
      },
    };
    const sink = await runSink(log, { name: "live", topics: ["logs_move"], handler: handlerOf(() => {}) }, metrics);
    assert.deepEqual([consumed.group, consumed.topics], ["live", ["logs_move"]]);
    assert.deepEqual(
      read.map((lag) => lag()),
      [7],
    );
    await sink.stop();
    assert.equal(read.length, 0);
    assert.equal(await sink.ended, null);
  });

  it("reports in one line why a batch failed, until one succeeds", async () => {
    const { log, consumed } = fakeLog();
    let failure: Error | null = new Error("no\nroom");
    const handler = handlerOf(() => {
      if (failure !== null) throw failure;
    });
    const sink = await runSink(log, { name: "lake", topics: [], handler }, silent);
    await assert.rejects(consumed.handler!.apply(feed.batch(one, 0, 1)), failure);
    assert.equal(sink.problem(), "sink lake: no room");
    failure = null;
    await consumed.handler!.apply(feed.batch(one, 0, 1));
    assert.equal(sink.problem(), null);
  });

  it("no longer reports a failed batch after its partition was revoked", async () => {
    const { log, consumed } = fakeLog();
    const handler = handlerOf(() => {
      throw new Error("no room");
    });
    const sink = await runSink(log, { name: "lake", topics: [], handler }, silent);
    const { topic, partition } = one;
    await assert.rejects(consumed.handler!.apply(feed.batch(one, 0, 1)));
    await consumed.handler!.onRevoked(topic, partition + 1);
    assert.equal(sink.problem(), "sink lake: no room");
    await consumed.handler!.onRevoked(topic, partition);
    assert.equal(sink.problem(), null);
  });

  it("does not report a lost partition as a problem", async () => {
    const { log, consumed } = fakeLog();
    const handler = handlerOf(() => {
      throw new PartitionLost("taken");
    });
    const sink = await runSink(log, { name: "lake", topics: [], handler }, silent);
    await assert.rejects(consumed.handler!.apply(feed.batch(one, 0, 1)), PartitionLost);
    assert.equal(sink.problem(), null);
  });

  it("reports why it cannot continue", async () => {
    const { log, ended } = fakeLog();
    const sink = await runSink(log, { name: "lake", topics: [], handler: handlerOf(() => {}) }, silent);
    ended.reject(new Unrecoverable("the topic was recreated"));
    assert.equal(await sink.ended, "sink lake: the topic was recreated");
    assert.equal(sink.problem(), "sink lake: the topic was recreated");
  });

  it("has the optional methods only if the sink has them", async () => {
    const { log, consumed } = fakeLog();
    await runSink(log, { name: "lake", topics: [], handler: handlerOf(() => {}) }, silent);
    assert.deepEqual([consumed.handler!.onIdle, consumed.handler!.storedOffset], [undefined, undefined]);
    const whole = { ...handlerOf(() => {}), onIdle: async () => {}, storedOffset: () => 5n };
    await runSink(log, { name: "lake", topics: [], handler: whole }, silent);
    assert.equal(consumed.handler!.storedOffset?.("t", 0), 5n);
    await consumed.handler!.onIdle?.();
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
