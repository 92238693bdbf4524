/** The part of the log's contract about messages: complete, in order, to every group, across restarts and between consumers. */
import assert from "node:assert/strict";
import type { LogBatch } from "../../../src/pipeline/log/EventLog.ts";
import { Ledger, storingHandler } from "./Ledger.ts";
import { type LogsUnderTest, message, numberedMessages, TOPIC, texts } from "./numberedMessages.ts";

export function messageRules(logs: LogsUnderTest): void {
  it("delivers messages in the order of publication, complete", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    const batches: LogBatch[] = [];
    await log.consume("g", [TOPIC], storingHandler(ledger, { after: (batch) => void batches.push(batch) }));
    await log.publish(numberedMessages(0, 50));
    for (let at = 50; at < 100; at += 10) await log.publish(numberedMessages(at, at + 10));
    await ledger.until(() => ledger.effects.length >= 100);
    assert.deepEqual(ledger.values(), texts(0, 100));
    for (const { key, headers, topic, appendedAt } of ledger.effects) {
      assert.equal(String(key), "k");
      assert.equal(topic, TOPIC);
      assert.equal(typeof headers.id, "string");
      assert(Math.abs(Date.now() - appendedAt) < 120_000);
    }
    let next = batches[0].firstOffset;
    for (const { firstOffset, nextOffset, endOffset, messages } of batches) {
      assert.equal(firstOffset, next);
      for (const { offset } of messages) {
        assert(offset >= next && offset < nextOffset);
        next = offset + 1n;
      }
      next = nextOffset;
      assert(endOffset >= nextOffset);
    }
  });

  it("accepts keys, headers and values with any bytes", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    const bytes = Buffer.from([0, 255, 254, 10, 128]);
    await log.publish([
      { topic: "logs_rejected", key: bytes, headers: { reason: "ü", offset: "12" }, value: bytes },
      { topic: "logs_rejected", key: null, headers: {}, value: null },
    ]);
    await log.consume("g", ["logs_rejected"], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 2);
    const [full, empty] = ledger.effects;
    assert.deepEqual([full.key, full.value], [bytes, bytes]);
    assert.equal(full.headers.reason, "ü");
    assert.equal(full.headers.offset, "12");
    assert.deepEqual([empty.key, empty.value], [null, null]);
  });

  it("resolves `publish` only when the messages are stored", async () => {
    const log = await logs.open();
    await log.publish(numberedMessages(0, 5));
    await logs.close(log);
    const ledger = new Ledger();
    await (await logs.open()).consume("g", [TOPIC], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 5);
    assert.deepEqual(ledger.values(), texts(0, 5));
  });

  it("continues from the stored offset after a restart", async () => {
    const ledger = new Ledger();
    const log = await logs.open();
    const consumer = await log.consume("g", [TOPIC], storingHandler(ledger));
    await log.publish(numberedMessages(0, 20));
    await ledger.until(() => ledger.effects.length >= 20);
    await consumer.stop();
    assert.match(ledger.calls.at(-1)!, /^revoked/);
    await log.publish(numberedMessages(20, 40));
    await logs.close(log);
    await (await logs.open()).consume("g", [TOPIC], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 40);
    assert.deepEqual(ledger.values(), texts(0, 40));
  });

  it("delivers every message to every group", async () => {
    const log = await logs.open();
    const ledgers = [new Ledger(), new Ledger()];
    await log.publish(numberedMessages(0, 10));
    await log.consume("g", [TOPIC], storingHandler(ledgers[0]));
    await ledgers[0].until(() => ledgers[0].effects.length >= 10);
    await log.consume("h", [TOPIC], storingHandler(ledgers[1]));
    await ledgers[1].until(() => ledgers[1].effects.length >= 10);
    assert.deepEqual(ledgers[1].values(), texts(0, 10));
  });

  it("reports which messages were deleted before they were delivered", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    const consumer = await log.consume("g", [TOPIC], storingHandler(ledger));
    await log.publish(numberedMessages(0, 5));
    await ledger.until(() => ledger.effects.length >= 5);
    await consumer.stop();
    const { partition } = ledger.effects[0];
    const from = ledger.offsets.get(`${TOPIC}/${partition}`)!;
    await log.publish(numberedMessages(5, 10));
    const otherLedger = new Ledger();
    const other = await log.consume("h", [TOPIC], storingHandler(otherLedger));
    await otherLedger.until(() => otherLedger.effects.length >= 10);
    await other.stop();
    const to = otherLedger.effects[7].offset;
    await logs.close(log);
    await logs.forget(TOPIC, partition, to);
    await (await logs.open()).consume("g", [TOPIC], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 8);
    assert.deepEqual(ledger.values(), [...texts(0, 5), ...texts(7, 10)]);
    assert.deepEqual(ledger.skips, [{ from, to }]);
  });

  it("shares the partitions between two consumers of a group, and delivers everything to the consumer that stays", async () => {
    const log = await logs.open();
    const second = logs.canOpenTwice() ? await logs.open() : log;
    const ledger = new Ledger();
    const topics = ["logs_move", TOPIC];
    const publish = (from: number, to: number) =>
      log.publish(
        Array.from({ length: to - from }, (_, index) =>
          message(String(from + index), `key ${index % 16}`, "logs_move"),
        ),
      );
    const first = await log.consume("g", topics, storingHandler(ledger));
    await second.consume("g", topics, storingHandler(ledger));
    await publish(0, 200);
    await ledger.until(() => ledger.effects.length >= 200);
    await first.stop();
    await publish(200, 400);
    await ledger.until(() => ledger.effects.length >= 400);
    assert.deepEqual(
      ledger
        .values()
        .map(Number)
        .sort((a, b) => a - b),
      [...Array(400).keys()],
    );
    const byKey = Map.groupBy(ledger.effects, ({ key }) => String(key));
    for (const ofKey of byKey.values()) {
      const order = ofKey.map(({ value }) => Number(value));
      assert.deepEqual(
        order,
        order.toSorted((a, b) => a - b),
      );
    }
  });

  it("consumes a topic that does not exist yet", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    await log.consume("g", ["logs_newborn"], storingHandler(ledger));
    await ledger.until(() => ledger.calls.some((call) => call.startsWith("assigned")));
    await log.publish([message("first", "k", "logs_newborn")]);
    await ledger.until(() => ledger.effects.length >= 1);
    assert.deepEqual(ledger.values(), ["first"]);
  });

  it("reports no problem while it works", async () => {
    const log = await logs.open();
    await log.publish(numberedMessages(0, 1));
    assert.equal(log.problem(), null);
  });
}
