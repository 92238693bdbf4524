/**
 * The part of the log's contract about handlers that fail, are slow or lose their partition: what they receive again, and when.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { type BatchHandler, type LogBatch, Unrecoverable } from "../../../src/pipeline/log/EventLog.ts";
import { Ledger, storingHandler } from "./Ledger.ts";
import { type LogsUnderTest, numberedMessages, TOPIC, texts } from "./numberedMessages.ts";

export function handlerRules(logs: LogsUnderTest): void {
  it("delivers a batch again, from the stored offset, if the handler rejects it", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    let rejections = 2;
    const before = () => {
      if (rejections-- > 0) throw new Error("the store is unavailable");
    };
    await log.publish(numberedMessages(0, 10));
    const consumer = await log.consume("g", [TOPIC], storingHandler(ledger, { before }));
    await ledger.until(() => ledger.effects.length >= 10);
    assert.deepEqual(ledger.values(), texts(0, 10));
    assert.equal(ledger.calls.filter((call) => call.startsWith("assigned")).length, 3);
    while (consumer.lagSeconds() > 0) await setTimeout(10);
  });

  it("loses and repeats nothing if a consumer dies between two batches", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    let deaths = 1;
    const after = () => {
      if (deaths-- > 0) throw new Error("died after the effect was stored");
    };
    await log.publish(numberedMessages(0, 10));
    await log.consume("g", [TOPIC], storingHandler(ledger, { after }));
    await ledger.until(() => ledger.effects.length >= 10);
    await log.publish(numberedMessages(10, 20));
    await ledger.until(() => ledger.effects.length >= 20);
    assert.deepEqual(ledger.values(), texts(0, 20));
  });

  it("delivers again the batches that a handler kept in memory but did not store", async () => {
    const ledger = new Ledger();
    const inMemory: string[] = [];
    const forgetful: BatchHandler = {
      ...storingHandler(ledger),
      async apply(batch) {
        inMemory.push(...batch.messages.map(({ value }) => String(value)));
        ledger.notify();
      },
      storedOffset: () => null,
    };
    const log = await logs.open();
    await log.publish(numberedMessages(0, 10));
    await log.consume("g", [TOPIC], forgetful);
    await ledger.until(() => inMemory.length >= 10);
    await logs.close(log);
    await (await logs.open()).consume("g", [TOPIC], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 10);
    assert.deepEqual(ledger.values(), texts(0, 10));
  });

  it("asks a handler that lost its partition for the stored offset again", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    let thefts = 1;
    const before = (batch: LogBatch) => {
      // Another consumer stores the batch first.
      if (thefts-- > 0) ledger.store(`${TOPIC}/${batch.partition}`, null, batch.nextOffset, batch.messages);
    };
    await log.publish(numberedMessages(0, 10));
    await log.consume("g", [TOPIC], storingHandler(ledger, { before }));
    await ledger.until(() => ledger.effects.length >= 10);
    await log.publish(numberedMessages(10, 20));
    await ledger.until(() => ledger.effects.length >= 20);
    assert.deepEqual(ledger.values(), texts(0, 20));
  });

  it("stops with the reason of a handler that cannot continue", async () => {
    const log = await logs.open();
    await log.publish(numberedMessages(0, 1));
    for (const where of ["before", "onAssigned"] as const) {
      const hooks = {
        [where]: () => {
          throw new Unrecoverable("the store has another layout");
        },
      };
      const consumer = await log.consume("g", [TOPIC], storingHandler(new Ledger(), hooks));
      await assert.rejects(consumer.stopped, /the store has another layout/);
      assert.match(log.problem() ?? "", /the store has another layout/);
      await consumer.stop();
    }
  });

  it("calls idle between the other calls, never during one", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    let working = false;
    let idles = 0;
    const hooks = {
      before: async () => {
        working = true;
        await setTimeout(1500);
        working = false;
      },
      onIdle: async () => {
        assert(!working);
        idles++;
        ledger.notify();
      },
    };
    await log.publish(numberedMessages(0, 5));
    await log.consume("g", [TOPIC], storingHandler(ledger, hooks));
    await ledger.until(() => ledger.effects.length >= 5 && idles >= 2);
  });
}
