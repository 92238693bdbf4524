import assert from "node:assert/strict";
import {
  type BatchHandler,
  type Consumer,
  type Log,
  type OutgoingMessage,
  PartitionLost,
  Unrecoverable,
} from "../../../src/pipeline/log/Log.ts";
import { createRejects } from "../../../src/pipeline/sinks/rejects.ts";
import { runSink, type SinkMetrics } from "../../../src/pipeline/sinks/runSink.ts";
import { Feed } from "./Feed.ts";

const feed = new Feed();
const bytes = Buffer.from([0xff, 0, 1]);
feed.add(3, { topic: "logs_move", key: "k", headers: { id: "a", seq: "s:1" }, value: bytes });
const [one] = feed.partitions;

/** A log that is a consumer's outside: what it was given, and a way to end it. */
function driver() {
  const given: { group?: string; topics?: readonly string[]; handler?: BatchHandler } = {};
  const ended = Promise.withResolvers<void>();
  const consumer: Consumer = { stopped: ended.promise, lagSeconds: () => 7, stop: async () => ended.resolve() };
  const log: Log = {
    publish: async () => {},
    async consume(group, topics, handler) {
      Object.assign(given, { group, topics, handler });
      return consumer;
    },
    problem: () => null,
    close: async () => {},
  };
  return { log, given, ended };
}

const silent: SinkMetrics = { lag: () => () => {}, rejected: () => {} };

function handlerOf(outcome: () => void): BatchHandler {
  return {
    assigned: async () => null,
    apply: async () => outcome(),
    skipped: () => {},
    revoked: async () => {},
  };
}

describe("running a sink", () => {
  it("joins the group of its name on its topics and tells its lag until it is stopped", async () => {
    const { log, given } = driver();
    const read: (() => number)[] = [];
    const metrics: SinkMetrics = {
      ...silent,
      lag(_, lag) {
        read.push(lag);
        return () => void read.pop();
      },
    };
    const sink = await runSink(log, { name: "live", topics: ["logs_move"], handler: handlerOf(() => {}) }, metrics);
    assert.deepEqual([given.group, given.topics], ["live", ["logs_move"]]);
    assert.deepEqual(
      read.map((lag) => lag()),
      [7],
    );
    await sink.stop();
    assert.equal(read.length, 0);
    assert.equal(await sink.ended, null);
  });

  it("says in one line why a batch fails, until one succeeds", async () => {
    const { log, given } = driver();
    let failure: Error | null = new Error("no\nroom");
    const handler = handlerOf(() => {
      if (failure !== null) throw failure;
    });
    const sink = await runSink(log, { name: "lake", topics: [], handler }, silent);
    await assert.rejects(given.handler!.apply(feed.batch(one, 0, 1)), failure);
    assert.equal(sink.problem(), "sink lake: no room");
    failure = null;
    await given.handler!.apply(feed.batch(one, 0, 1));
    assert.equal(sink.problem(), null);
  });

  it("says no more why a batch failed whose partition is somebody else's now", async () => {
    const { log, given } = driver();
    const handler = handlerOf(() => {
      throw new Error("no room");
    });
    const sink = await runSink(log, { name: "lake", topics: [], handler }, silent);
    const { topic, partition } = one;
    await assert.rejects(given.handler!.apply(feed.batch(one, 0, 1)));
    await given.handler!.revoked(topic, partition + 1);
    assert.equal(sink.problem(), "sink lake: no room");
    await given.handler!.revoked(topic, partition);
    assert.equal(sink.problem(), null);
  });

  it("takes being fenced for how groups work", async () => {
    const { log, given } = driver();
    const handler = handlerOf(() => {
      throw new PartitionLost("taken");
    });
    const sink = await runSink(log, { name: "lake", topics: [], handler }, silent);
    await assert.rejects(given.handler!.apply(feed.batch(one, 0, 1)), PartitionLost);
    assert.equal(sink.problem(), null);
  });

  it("keeps the reason for which it had to stop", async () => {
    const { log, ended } = driver();
    const sink = await runSink(log, { name: "lake", topics: [], handler: handlerOf(() => {}) }, silent);
    ended.reject(new Unrecoverable("the topic was made anew"));
    assert.equal(await sink.ended, "sink lake: the topic was made anew");
    assert.equal(sink.problem(), "sink lake: the topic was made anew");
  });

  it("offers the optional calls only where the sink has them", async () => {
    const { log, given } = driver();
    await runSink(log, { name: "lake", topics: [], handler: handlerOf(() => {}) }, silent);
    assert.deepEqual([given.handler!.idle, given.handler!.stored], [undefined, undefined]);
    const whole = { ...handlerOf(() => {}), idle: async () => {}, stored: () => 5n };
    await runSink(log, { name: "lake", topics: [], handler: whole }, silent);
    assert.equal(given.handler!.stored?.("t", 0), 5n);
    await given.handler!.idle?.();
  });
});

describe("rejects", () => {
  it("keep the original bytes, key and headers, and say where they come from and why", async () => {
    const published: OutgoingMessage[] = [];
    const counted: string[] = [];
    const log = { publish: async (messages: readonly OutgoingMessage[]) => void published.push(...messages) };
    const rejects = createRejects(log, "warehouse", (sink, reason) => counted.push(`${sink} ${reason}`));
    await rejects.publish([{ message: one.messages[0], reason: "not-json", detail: "3 bytes that are not JSON" }]);
    await rejects.publish([]);
    const origin = { sink: "warehouse", topic: "logs_move", partition: "3", offset: "0" };
    const headers = { id: "a", seq: "s:1", reason: "not-json", detail: "3 bytes that are not JSON", ...origin };
    assert.deepEqual(published, [{ topic: "logs_rejected", key: Buffer.from("k"), headers, value: bytes }]);
    assert.deepEqual(counted, ["warehouse not-json"]);
  });

  it("are not counted while the log is away", async () => {
    const counted: string[] = [];
    const log = { publish: () => Promise.reject(new Error("away")) };
    const rejects = createRejects(log, "lake", (sink) => counted.push(sink));
    await assert.rejects(rejects.publish([{ message: one.messages[0], reason: "empty", detail: "" }]), /away/);
    assert.deepEqual(counted, []);
  });
});
