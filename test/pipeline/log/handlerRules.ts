/**
 * The part of the log's contract about handlers that fail, are slow or lose their partition: what they receive again, and when.
 */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { type BatchHandler, type LogBatch, NotStored, Unrecoverable } from "../../../src/pipeline/log/EventLog.ts";
import { readToEnd } from "../../../src/pipeline/log/readToEnd.ts";
import { Ledger, storingHandler } from "./Ledger.ts";
import { type LogsUnderTest, message, numberedMessages, TOPIC, texts } from "./numberedMessages.ts";

const OTHER_TOPIC = "logs_queue";

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

  it("applies the batches that it has read together at the same time, if the handler stores them together", async () => {
    const log = await logs.open();
    // More than are applied at the same time otherwise.
    const topics = Array.from({ length: 12 }, (_, at) => `logs_t${at}`);
    const ledger = new Ledger();
    const held = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const together = Promise.withResolvers<void>();
    let applying = 0;
    const before = async ({ messages: [{ value }] }: LogBatch) => {
      if (String(value) === "held") {
        held.resolve();
        await released.promise;
      }
      if (String(value) !== "together") return;
      if (++applying === topics.length) together.resolve();
      await together.promise;
    };
    const toAll = (value: string) => log.publish(topics.map((topic) => message(value, "k", topic)));
    await log.consume("g", topics, { ...storingHandler(ledger, { before }), storesTogether: true });
    await toAll("first");
    await ledger.until(() => ledger.effects.length === topics.length);
    await log.publish([message("held", "k", topics[0])]);
    await held.promise;
    // What is published meanwhile is read with one request.
    await toAll("together");
    released.resolve();
    await ledger.until(() => ledger.effects.length === 2 * topics.length + 1);
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

  it("reports a stored offset past the end of the log, because reading cannot begin there", async () => {
    const log = await logs.open();
    await log.publish(numberedMessages(0, 3));
    const ledger = new Ledger();
    for (let partition = 0; partition < 8; partition++) ledger.offsets.set(`${TOPIC}/${partition}`, 1_000n);
    const consumer = await log.consume("g", [TOPIC], storingHandler(ledger));
    const line = /stored offset 1000 of .*past the end.*the newest messages were lost/;
    while (!consumer.problems().some((text) => line.test(text))) await setTimeout(10);
    assert.deepEqual(ledger.effects, []);
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
    // The group can be consumed again once the store is repaired.
    const ledger = new Ledger();
    await log.consume("g", [TOPIC], storingHandler(ledger));
    await ledger.until(() => ledger.effects.length >= 1);
    assert.equal(log.problem(), null);
  });

  it("reports the failure of a batch until that batch is applied, whatever else succeeds meanwhile", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    let isFull = true;
    const before = ({ topic }: LogBatch) => {
      if (topic === OTHER_TOPIC && isFull) throw new Error("no\nroom");
    };
    await log.publish([...numberedMessages(0, 3), message("other", "k", OTHER_TOPIC)]);
    const consumer = await log.consume("g", [TOPIC, OTHER_TOPIC], storingHandler(ledger, { before }));
    await ledger.until(() => ledger.calls.filter((call) => call.startsWith(`apply ${OTHER_TOPIC}/`)).length >= 3);
    await log.publish(numberedMessages(3, 6));
    await ledger.until(() => ledger.effects.length >= 6);
    assert.deepEqual(ledger.values(), texts(0, 6));
    for (let tries = ledger.calls.length; ledger.calls.length < tries + 4; await setTimeout(5))
      assert(consumer.problems().includes("no room"));
    assert(consumer.lagSeconds() > 0);
    isFull = false;
    await ledger.until(() => ledger.effects.length >= 7);
    while (consumer.problems().length > 0 || consumer.lagSeconds() > 0) await setTimeout(10);
  });

  it("counts as lag what a handler keeps in memory, and reports its failure until the stored offset has moved", async () => {
    const log = await logs.open();
    const ledger = new Ledger();
    const kept = new Map<string, { from: bigint; batches: LogBatch[] }>();
    let isFull = true;
    let flushes = 0;
    const handler: BatchHandler = {
      ...storingHandler(ledger),
      async onAssigned(topic, partition) {
        const from = ledger.offsets.get(`${topic}/${partition}`) ?? null;
        kept.set(`${topic}/${partition}`, { from: from ?? 0n, batches: [] });
        return from;
      },
      async apply(batch) {
        kept.get(`${batch.topic}/${batch.partition}`)!.batches.push(batch);
      },
      storedOffset: (topic, partition) => kept.get(`${topic}/${partition}`)?.from ?? null,
      async onRevoked(topic, partition) {
        kept.delete(`${topic}/${partition}`);
      },
      async onIdle() {
        for (const [name, one] of kept) {
          const next = one.batches.at(-1)?.nextOffset;
          if (next === undefined) continue;
          flushes++;
          const [topic, partition] = name.split("/");
          if (isFull)
            throw new NotStored({ topic, partition: Number(partition) }, one.from, new Error("no permission"));
          ledger.effects.push(...one.batches.splice(0).flatMap(({ messages }) => messages));
          ledger.offsets.set(name, next);
          one.from = next;
          ledger.notify();
        }
      },
    };
    await log.publish(numberedMessages(0, 10));
    const consumer = await log.consume("g", [TOPIC], handler);
    while (flushes === 0) {
      assert(!consumer.problems().includes("no permission"));
      await setTimeout(5);
    }
    while (flushes < 3) {
      await setTimeout(5);
      assert(consumer.problems().includes("no permission"));
      assert(consumer.lagSeconds() > 0);
    }
    isFull = false;
    await ledger.until(() => ledger.effects.length >= 10);
    assert(!consumer.problems().includes("no permission"));
    while (consumer.problems().length > 0 || consumer.lagSeconds() > 0) await setTimeout(10);
  });

  it("can be read to its end by a handler that keeps messages in memory, although a topic has none", async () => {
    const log = await logs.open();
    const inMemory: string[] = [];
    const handler: BatchHandler = {
      ...storingHandler(new Ledger()),
      async apply({ messages }) {
        inMemory.push(...messages.map(({ value }) => String(value)));
      },
      storedOffset: () => 0n,
    };
    await log.publish(numberedMessages(0, 10));
    await readToEnd(log, "g", [TOPIC, OTHER_TOPIC], handler);
    assert.deepEqual(inMemory, texts(0, 10));
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
