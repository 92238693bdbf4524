import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { EmbeddedLog } from "../../../src/pipeline/embeddedLog/EmbeddedLog.ts";
import type { EventLog } from "../../../src/pipeline/log/EventLog.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { catalogue, filesIn, toComparable, withSeq } from "./lakeUnderTest.ts";
import { playMatch, tickMessage } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

const messages = playMatch({ number: 2, mode: "ffa" }).map((one, at) => withSeq(tickMessage(one), at + 1));
const topics = [...new Set(messages.map(({ topic }) => topic))];

describe("the lake sink on the embedded log", function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
  const objects = new DirectoryStore({ directory: path.join(dataDir, "lake"), variable: "DATA_DIR" });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  async function withLog(work: (log: EventLog) => Promise<void>): Promise<void> {
    const writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const log = await EmbeddedLog.open({ writer, groups: ["lake"], logger: silent });
    try {
      await work(log);
    } finally {
      await log.close();
      await writer.close();
    }
  }

  /** Runs the sink until it has read `count` messages. Then it is stopped, or (`crash`) what it has in memory is lost. */
  async function run(log: EventLog, count: number, how: "stop" | "crash"): Promise<void> {
    const sink = lakeSink({
      log,
      objects,
      catalogue,
      rejects: new MemoryRejects(),
      now: Date.now,
      warn: assert.fail,
      retentionDays: null,
    });
    const { handler } = sink;
    const taken = Promise.withResolvers<void>();
    let left = count;
    const consumer = await log.consume("lake", sink.topics, {
      onAssigned: (...args) => handler.onAssigned(...args),
      async apply(batch) {
        await handler.apply(batch);
        if ((left -= batch.messages.length) <= 0) taken.resolve();
      },
      storedOffset: (...args) => handler.storedOffset!(...args),
      onSkipped: (...args) => handler.onSkipped(...args),
      onRevoked: (...args) => (how === "stop" ? handler.onRevoked(...args) : Promise.resolve()),
    });
    await taken.promise;
    await consumer.stop();
  }

  it("stores everything exactly once across restarts and crashes: the outbox keeps what is in no file yet", async () => {
    const third = Math.floor(messages.length / 3);
    await withLog(async (log) => {
      await log.publish(messages.slice(0, third));
      await run(log, third, "stop");
      await log.publish(messages.slice(third, 2 * third));
      await run(log, third, "crash");
    });
    await withLog(async (log) => {
      await run(log, third, "crash");
      await log.publish(messages.slice(2 * third));
      await run(log, messages.length - third, "stop");
    });
    for (const topic of topics) {
      const stored = (await filesIn(objects, topic)).flatMap((file) => file.messages);
      const actual = (toComparable(stored) as { value: unknown }[]).map(({ value }) => value);
      const expected = messages
        .filter((message) => message.topic === topic)
        .map(({ value }) => JSON.parse(String(value)));
      assert.deepEqual(actual, expected, topic);
    }
  });
});
