/** The contract of the log port over a real outbox in a temporary directory. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { arena } from "../../../src/arena/game.ts";
import { EmbeddedLog } from "../../../src/pipeline/embeddedLog/EmbeddedLog.ts";
import { StoredProgress } from "../../../src/pipeline/embeddedLog/StoredProgress.ts";
import { OutboxTickEvents } from "../../../src/pipeline/events/OutboxTickEvents.ts";
import type { BatchHandler, Consumer } from "../../../src/pipeline/log/EventLog.ts";
import type { OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { openDrain, openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { checkMatches } from "../relay/checkMatches.ts";
import { EventCounter } from "../relay/EventCounter.ts";
import { RecordedMatch } from "../relay/recordMatch.ts";
import { MATCH_TOPICS } from "../relay/TopicReader.ts";
import { logContract } from "./contract.ts";
import { Ledger, storingHandler } from "./Ledger.ts";

describe("log over the outbox", () => {
  let dataDir = "";
  let writer: OutboxWriter | null = null;
  const remove = async () => {
    await writer?.close();
    writer = null;
    if (dataDir !== "") rmSync(dataDir, { recursive: true });
    dataDir = "";
  };
  afterEach(remove);

  logContract("the outbox", () => ({
    canOpenTwice: false,
    async reset() {
      await remove();
      dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    },
    async open() {
      await writer?.close();
      writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
      return EmbeddedLog.open({ writer, groups: ["g", "h"], logger: silent });
    },
    async forget(topic, _partition, before) {
      const drain = await openDrain(writer!.directory);
      const progress = new StoredProgress(drain, ["h"]);
      const group = progress.forGroup("h");
      group.markDelivered(topic, Number(before) - 1);
      group.markStored(Number(before) - 1);
      await progress.acknowledge();
      await drain.close();
    },
  }));

  it("delivers nothing before it is committed", async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const { logId, directory, appended } = writer;
    // A disk that takes long to sync a write that a reader can already see.
    const slow = {
      ...{ logId, directory, appended, committed: 0 },
      append: writer.append.bind(writer),
      whenCommitted: writer.whenCommitted.bind(writer),
      refusal: () => null,
    };
    const log = await EmbeddedLog.open({ writer: slow, groups: ["g"], logger: silent });
    await log.publish([{ topic: "logs_stats", key: "k", headers: {}, value: "1" }]);
    const ledger = new Ledger();
    await log.consume("g", ["logs_stats"], storingHandler(ledger));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(ledger.effects.length, 0);
    slow.committed = writer.committed;
    await ledger.until(() => ledger.effects.length === 1);
    await log.close();
  });

  it("waits longer and longer before it retries a topic, and reports it, whatever another topic does meanwhile", async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const message = (topic: string) => ({ topic, key: "k", headers: {}, value: "1" });
    const pauses: number[] = [];
    const failed = new Ledger();
    let warnings = 0;
    const note = ({ retryInMs }: { retryInMs?: number }) => {
      pauses.push(retryInMs ?? 0);
      failed.notify();
    };
    const logger = {
      ...silent,
      warn(fields: object) {
        warnings++;
        note(fields);
      },
      debug: note,
    };
    const log = await EmbeddedLog.open({ writer, groups: ["g"], logger });
    const ledger = new Ledger();
    let isBroken = true;
    let consumer: Consumer | null = null;
    const storing = storingHandler(ledger, {
      before() {
        if (isBroken) throw new Error("no room");
      },
    });
    // Keeps the other topic in memory, as the lake does, so that it receives that topic's messages again after each failure.
    const handler: BatchHandler = {
      ...storing,
      async apply(batch) {
        if (batch.topic === "logs_queue") return storing.apply(batch);
        if (isBroken && pauses.length > 0) assert.match(consumer?.problems().join() ?? "no room", /no room/);
      },
      storedOffset: () => null,
    };
    await log.publish([message("logs_stats"), message("logs_queue")]);
    consumer = await log.consume("g", ["logs_stats", "logs_queue"], handler);
    await failed.until(() => pauses.length >= 4);
    assert.deepEqual(pauses.slice(0, 4), [200, 400, 800, 1600]);
    assert.equal(warnings, 1, "the same reason is a warning once a minute");
    isBroken = false;
    await ledger.until(() => ledger.effects.length === 1);
    while (consumer.problems().length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await log.close();
  });

  describe("before it is closed", () => {
    const message = (value: string) => ({ topic: "logs_stats", key: "k", headers: {}, value });
    const LONG_MS = 600_000;
    let log: EmbeddedLog;
    let last = 0;

    beforeEach(async () => {
      dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
      writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
      log = await EmbeddedLog.open({ writer, groups: ["g", "h"], logger: silent });
      await log.publish(["1", "2", "3"].map(message));
      last = writer.committed;
    });
    afterEach(() => log.close());

    it("waits until every group has applied the last record, once it is asked to", async () => {
      const [fast, slow] = [new Ledger(), new Ledger()];
      const gate = Promise.withResolvers<void>();
      await log.consume("g", ["logs_stats"], storingHandler(fast));
      await log.consume("h", ["logs_stats"], storingHandler(slow, { before: () => gate.promise }));
      await fast.until(() => fast.effects.length === 3);
      const waiting = log.untilApplied(last, LONG_MS).then(() => slow.effects.length);
      await slow.until(() => slow.calls.length > 1);
      gate.resolve();
      assert.equal(await waiting, 3);
    });

    it("does not wait for a group whose calls fail, nor longer than it is asked to", async () => {
      const failing = new Ledger();
      const before = () => {
        throw new Error("no database");
      };
      await log.consume("g", ["logs_stats"], storingHandler(failing, { before }));
      await log.untilApplied(last, LONG_MS);
      const hold = Promise.withResolvers<void>();
      await log.consume("h", ["logs_stats"], storingHandler(new Ledger(), { before: () => hold.promise }));
      await log.untilApplied(last, 1);
      hold.resolve();
    });
  });

  describe("acknowledges", () => {
    const message = (value: string) => ({ topic: "logs_stats", key: "k", headers: {}, value });
    let log: EmbeddedLog;

    beforeEach(async () => {
      dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
      writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
      log = await EmbeddedLog.open({ writer, groups: ["g", "h"], readerPrefix: "read-", logger: silent });
      await log.publish(["1", "2", "3"].map(message));
    });

    async function readAcknowledged(): Promise<number> {
      await log.close();
      const drain = await openDrain(writer!.directory);
      await drain.close();
      return drain.acknowledged;
    }

    async function consumeAll(group: string, storedOffset?: () => bigint | null): Promise<void> {
      const ledger = new Ledger();
      await log.consume(group, ["logs_stats"], { ...storingHandler(ledger), storedOffset });
      await ledger.until(() => ledger.effects.length >= 3);
    }

    it("no record before every group has stored it", async () => {
      await consumeAll("g");
      assert.equal(await readAcknowledged(), 0);
    });

    it("the records that every group has stored", async () => {
      await consumeAll("g");
      await consumeAll("h");
      assert.equal(await readAcknowledged(), 3);
    });

    it("the records that every group has stored, whether a reader has read them or not", async () => {
      const [reader, late] = [new Ledger(), new Ledger()];
      await log.consume("read-1", ["logs_stats"], storingHandler(reader));
      await reader.until(() => reader.effects.length === 3);
      const hold = Promise.withResolvers<void>();
      await log.consume("read-2", ["logs_stats"], storingHandler(late, { before: () => hold.promise }));
      await consumeAll("g");
      await consumeAll("h");
      await log.untilApplied(writer!.committed, 600_000);
      hold.resolve();
      assert.equal(await readAcknowledged(), 3);
    });

    it("no record that a group only keeps in memory", async () => {
      await consumeAll("g");
      await consumeAll("h", () => 2n);
      assert.equal(await readAcknowledged(), 1);
    });

    it("only for groups that it was opened with", async () => {
      await assert.rejects(
        log.consume("stranger", ["logs_stats"], storingHandler(new Ledger())),
        /unknown consumer group stranger/,
      );
      await log.close();
    });
  });

  it("counts its first record as 1, also for a consumer that continues at 0", async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const log = await EmbeddedLog.open({ writer, groups: ["g", "h"], logger: silent });
    const message = (value: string) => ({ topic: "logs_stats", key: "k", headers: {}, value });
    await log.publish(["1", "2", "3"].map(message));
    for (const group of ["g", "h"]) {
      const ledger = new Ledger();
      await log.consume(group, ["logs_stats"], storingHandler(ledger));
      await ledger.until(() => ledger.effects.length >= 3);
    }
    await log.close();
    const again = await EmbeddedLog.open({ writer, groups: ["g", "h"], logger: silent });
    const ledger = new Ledger();
    ledger.offsets.set("logs_stats/0", 0n);
    await again.consume("g", ["logs_stats"], storingHandler(ledger));
    await again.publish([message("4")]);
    await ledger.until(() => ledger.effects.length > 0);
    assert.deepEqual(ledger.skips, [{ from: 1n, to: 4n }]);
    await again.close();
  });

  it("expands recorded ticks as the relay does, complete and in order", async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const log = await EmbeddedLog.open({ writer, groups: ["g"], logger: silent });
    const onFault = (error: unknown) => {
      throw error;
    };
    const tickEvents = new OutboxTickEvents({ writer, now: Date.now, onFault, games: [arena] });
    const match = new RecordedMatch(tickEvents, "squad");
    const ledger = new Ledger();
    await log.consume("g", MATCH_TOPICS, storingHandler(ledger));
    for (let tick = 0; tick < 100; tick++) match.step();
    match.end();
    await writer.whenCommitted();
    const counter = new EventCounter();
    await ledger.until(() => counter.areComplete([match.matchId], ledger.effects));
    await log.close();
    const messages = ledger.effects.map(({ topic, partition, key, headers, value }) => ({
      topic,
      partition,
      key: String(key),
      headers,
      value: String(value),
    }));
    const { matches, repeats } = checkMatches(messages);
    assert.equal(repeats, 0);
    assert.equal(matches.get(match.matchId)?.ended?.reason, "time");
  });

  it("delivers a record that it cannot read as a message of `logs_rejected`, and continues", async () => {
    dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-log-"));
    writer = await openWriter(dataDir, { limitBytes: 64 * 2 ** 20 });
    const log = await EmbeddedLog.open({ writer, groups: ["g"], logger: silent });
    const ledger = new Ledger();
    writer.append(Buffer.from("a record of a future version"), 28);
    await log.publish([{ topic: "logs_stats", key: "k", headers: {}, value: "after" }]);
    await log.consume("g", ["logs_rejected", "logs_stats"], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 2);
    await log.close();
    const rejected = ledger.effects.find(({ topic }) => topic === "logs_rejected")!;
    assert.equal(String(rejected.value), "a record of a future version");
    assert.deepEqual(
      { ...rejected.headers, reason: "" },
      { reason: "", topic: "outbox", partition: writer.id, offset: "1", seq: `${writer.id}:1` },
    );
  });
});
