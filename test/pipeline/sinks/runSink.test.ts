import assert from "node:assert/strict";
import {
  type BatchHandler,
  type Consumer,
  type EventLog,
  type LogBatch,
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

/** A log that records the arguments of each `consume`, and lets the test end the consumer. */
function fakeLog(problems: readonly string[] = []) {
  const consumers: { group: string; topics: readonly string[]; handler: BatchHandler; fail(error: Error): void }[] = [];
  const log: EventLog = {
    publish: async () => {},
    async consume(group, topics, handler): Promise<Consumer> {
      const ended = Promise.withResolvers<void>();
      consumers.push({ group, topics, handler, fail: ended.reject });
      return {
        ...{ stopped: ended.promise, lagSeconds: () => 7, isCaughtUp: () => false, hasJoined: () => true },
        ...{ problems: () => problems, stop: async () => ended.resolve() },
      };
    },
    problem: () => null,
    warnings: () => [],
    close: async () => {},
  };
  return { log, consumers };
}

const handler: BatchHandler = {
  onAssigned: async () => null,
  apply: async () => {},
  onSkipped: () => {},
  onRevoked: async () => {},
};

describe("running a sink", () => {
  it("joins the group of its name on its topics, and reports its lag", async () => {
    const { log, consumers } = fakeLog();
    const sink = await runSink(log, { name: "live", topics: ["logs_move"], handler });
    const [{ group, topics }] = consumers;
    assert.deepEqual([group, topics], ["live", ["logs_move"]]);
    assert.deepEqual([sink.lagSeconds(), sink.problems()], [7, []]);
    await sink.stop();
    assert.equal(consumers.length, 1);
  });

  it("reports why its partitions make no progress, each text once", async () => {
    const { log } = fakeLog(["no room", "no room", "no permission"]);
    const sink = await runSink(log, { name: "lake", topics: [], handler });
    assert.deepEqual(sink.problems(), ["sink lake: no room", "sink lake: no permission"]);
    await sink.stop();
  });

  it("joins again after it could not continue, and reports the reason until the same call succeeds", async () => {
    const { log, consumers } = fakeLog();
    let isBroken = true;
    const repaired: BatchHandler = {
      ...handler,
      async apply() {
        if (isBroken) throw new Unrecoverable("the column\nhas another type");
      },
    };
    const sink = await runSink(log, { name: "warehouse", topics: ["logs_move"], handler: repaired }, 1);
    const batchOf = (partition: number) => ({ ...one, partition, topicId: "a" }) as unknown as LogBatch;
    const fail = async (partition: number) => {
      const { handler, fail } = consumers.at(-1)!;
      const joined = consumers.length;
      const error: Error = await handler.apply(batchOf(partition)).then(
        () => assert.fail("the handler is not repaired"),
        (reason) => reason,
      );
      fail(error);
      while (consumers.length === joined) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    await fail(3);
    await fail(3);
    const lines = ["sink warehouse: the column has another type"];
    assert.deepEqual(sink.problems(), lines);
    isBroken = false;
    const { handler: now } = consumers.at(-1)!;
    await now.onAssigned("logs_move", 3, "a");
    await now.apply(batchOf(4));
    assert.deepEqual(sink.problems(), lines, "other calls succeeded");
    await now.apply(batchOf(3));
    assert.deepEqual(sink.problems(), []);
    await sink.stop();
  });

  it("stops while it waits to join again", async () => {
    const { log, consumers } = fakeLog();
    const sink = await runSink(log, { name: "lake", topics: [], handler });
    consumers[0].fail(new Unrecoverable("the topic was recreated"));
    await sink.stop();
    assert.equal(consumers.length, 1);
  });
});

describe("rejects", () => {
  it("keep the original bytes, key and headers, and add origin and reason", async () => {
    const published: OutgoingMessage[] = [];
    const counted: string[] = [];
    const log = { publish: async (messages: readonly OutgoingMessage[]) => void published.push(...messages) };
    const rejects = createRejects(log, "warehouse", ({ reason }) => counted.push(reason));
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
    assert.deepEqual(counted, ["not-json"]);
  });

  it("are not counted while the log is unavailable", async () => {
    const counted: string[] = [];
    const log = { publish: () => Promise.reject(new Error("unavailable")) };
    const rejects = createRejects(log, "lake", ({ reason }) => counted.push(reason));
    await assert.rejects(rejects.publish([{ message: one.messages[0], reason: "empty", detail: "" }]), /unavailable/);
    assert.deepEqual(counted, []);
  });
});
