import assert from "node:assert/strict";
import type { BatchHandler, LogBatch, LogMessage } from "../../../src/pipeline/log/EventLog.ts";
import type { RejectReason } from "../../../src/pipeline/sinks/decodeMessage.ts";
import { Rejections } from "../../../src/pipeline/sinks/Rejections.ts";

const MINUTE_MS = 60_000;

function underTest() {
  const logged: string[] = [];
  const reported: (string | null)[] = [];
  let nowMs = 5_000;
  const rejections = new Rejections("warehouse", {
    monotonicMs: () => nowMs,
    warn: (line, { topic, reason, messages }) => {
      assert.match(line, new RegExp(`^sink warehouse: rejected ${messages} messages? of ${topic} \\(${reason}\\): `));
      logged.push(`${topic} ${reason} ${messages}`);
    },
    report: (line) => reported.push(line),
  });
  const applied: number[] = [];
  const handler: BatchHandler = {
    onAssigned: async () => null,
    apply: async ({ messages }) => void applied.push(messages.length),
    onSkipped() {},
    async onRevoked() {},
  };
  const { handler: watched } = rejections.watch({ name: "warehouse", topics: [], handler });
  return {
    ...{ logged, reported, applied },
    read: (messages: number) => watched.apply({ messages: new Array(messages) } as unknown as LogBatch),
    reject(topic: string, reason: RejectReason, times = 1) {
      const message = { topic } as LogMessage;
      for (let time = 0; time < times; time++) rejections.add({ message, reason, detail: "events.0: x: missing" });
    },
    async pass(ms: number) {
      nowMs += ms;
      await watched.onIdle!();
    },
  };
}

describe("the rejects of a sink", () => {
  it("are logged by topic and reason: the first at once, those that follow once a minute with their number", async () => {
    const { logged, reject, pass } = underTest();
    reject("logs_move", "schema", 3);
    reject("logs_move", "unknown-kind");
    reject("logs_heal", "schema");
    assert.deepEqual(logged, ["logs_move schema 1", "logs_move unknown-kind 1", "logs_heal schema 1"]);
    await pass(MINUTE_MS - 1);
    assert.equal(logged.length, 3);
    await pass(1);
    assert.deepEqual(logged.slice(3), ["logs_move schema 2"]);
    reject("logs_move", "schema");
    assert.equal(logged.length, 4);
    await pass(MINUTE_MS);
    assert.deepEqual(logged.slice(4), ["logs_move schema 1"]);
  });

  it("are reported after a minute in which they were more than 1 %, until a minute passes in which they are not", async () => {
    const { reported, read, reject, pass } = underTest();
    await read(200);
    reject("logs_move", "schema", 2);
    await pass(MINUTE_MS);
    assert.deepEqual(reported, [null]);
    await read(100);
    await read(99);
    reject("logs_move", "schema");
    reject("logs_heal", "unknown-kind");
    await pass(MINUTE_MS);
    const line =
      "sink warehouse: rejected more than 1 % of the messages of a minute (schema in logs_move, unknown-kind in logs_heal): see docs/runbook.md, HypogeumMessagesRejected";
    assert.deepEqual(reported.slice(1), [line]);
    await pass(MINUTE_MS / 2);
    assert.equal(reported.length, 2);
    await pass(MINUTE_MS / 2);
    assert.deepEqual(reported.slice(2), [null]);
  });

  it("change nothing for the sink itself", async () => {
    const { read, applied } = underTest();
    await read(3);
    assert.deepEqual(applied, [3]);
  });
});
