/** The contract of the log port (`src/log/Log.ts`) as tests; every implementation passes them. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { type BatchHandler, type Log, type LogBatch, type OutgoingMessage, Unrecoverable } from "../../src/log/Log.ts";
import { Ledger, storingHandler } from "./Ledger.ts";

export interface LogFixture {
  /** A new store, in which nobody has written anything. The logs opened on it may consume as the groups `g` and `h`. */
  reset(): Promise<void>;
  /** Opens the store; several logs may be open at a time where `sharesGroups`, and one after another always. */
  open(): Promise<Log>;
  /** Makes the log forget the messages of the topic before the given offset, of the partition that has messages. */
  forget(topic: string, partition: number, before: bigint): Promise<void>;
  /** Whether messages that one log published are seen by another that is open at the same time. */
  readonly severalProcesses: boolean;
}

const TOPIC = "logs_stats";

function message(value: string, key = "k", topic = TOPIC): OutgoingMessage {
  return { topic, key, headers: { id: value }, value };
}

function numbered(from: number, to: number): OutgoingMessage[] {
  return Array.from({ length: to - from }, (_, index) => message(String(from + index)));
}

const texts = (from: number, to: number) => numbered(from, to).map(({ value }) => value);

export function logContract(name: string, fixture: () => LogFixture): void {
  describe(`${name} keeps the log's contract`, function () {
    this.timeout(120_000);
    const open: Log[] = [];
    const openLog = async () => {
      const log = await fixture().open();
      open.push(log);
      return log;
    };
    const close = async (log: Log) => {
      open.splice(open.indexOf(log), 1);
      await log.close();
    };

    beforeEach(() => fixture().reset());
    afterEach(async () => {
      for (const log of open.splice(0)) await log.close();
    });

    it("gives messages in the order of their publication, whole", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      const batches: LogBatch[] = [];
      await log.consume("g", [TOPIC], storingHandler(ledger, { after: (batch) => void batches.push(batch) }));
      await log.publish(numbered(0, 50));
      for (let at = 50; at < 100; at += 10) await log.publish(numbered(at, at + 10));
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

    it("carries keys, headers and values of any bytes", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      const bytes = Buffer.from([0, 255, 254, 10, 128]);
      await log.publish([
        { topic: "logs_rejected", key: bytes, headers: { reason: "ü", offset: "12" }, value: bytes },
        { topic: "logs_rejected", key: null, headers: {}, value: null },
      ]);
      await log.consume("g", ["logs_rejected"], storingHandler(ledger));
      await ledger.until(() => ledger.effects.length >= 2);
      const [whole, empty] = ledger.effects;
      assert.deepEqual([whole.key, whole.value], [bytes, bytes]);
      assert.equal(whole.headers.reason, "ü");
      assert.equal(whole.headers.offset, "12");
      assert.deepEqual([empty.key, empty.value], [null, null]);
    });

    it("resolves a publication only when it is kept", async () => {
      const log = await openLog();
      await log.publish(numbered(0, 5));
      await close(log);
      const ledger = new Ledger();
      await (await openLog()).consume("g", [TOPIC], storingHandler(ledger));
      await ledger.until(() => ledger.effects.length >= 5);
      assert.deepEqual(ledger.values(), texts(0, 5));
    });

    it("goes on from the stored offset after a restart", async () => {
      const ledger = new Ledger();
      const log = await openLog();
      const consumer = await log.consume("g", [TOPIC], storingHandler(ledger));
      await log.publish(numbered(0, 20));
      await ledger.until(() => ledger.effects.length >= 20);
      await consumer.stop();
      assert.match(ledger.calls.at(-1)!, /^revoked/);
      await log.publish(numbered(20, 40));
      await close(log);
      await (await openLog()).consume("g", [TOPIC], storingHandler(ledger));
      await ledger.until(() => ledger.effects.length >= 40);
      assert.deepEqual(ledger.values(), texts(0, 40));
    });

    it("gives every group every message", async () => {
      const log = await openLog();
      const ledgers = [new Ledger(), new Ledger()];
      await log.publish(numbered(0, 10));
      await log.consume("g", [TOPIC], storingHandler(ledgers[0]));
      await ledgers[0].until(() => ledgers[0].effects.length >= 10);
      await log.consume("h", [TOPIC], storingHandler(ledgers[1]));
      await ledgers[1].until(() => ledgers[1].effects.length >= 10);
      assert.deepEqual(ledgers[1].values(), texts(0, 10));
    });

    it("gives a rejected batch again, from the stored offset", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      let rejections = 2;
      const before = () => {
        if (rejections-- > 0) throw new Error("the store is away");
      };
      await log.publish(numbered(0, 10));
      const consumer = await log.consume("g", [TOPIC], storingHandler(ledger, { before }));
      await ledger.until(() => ledger.effects.length >= 10);
      assert.deepEqual(ledger.values(), texts(0, 10));
      assert.equal(ledger.calls.filter((call) => call.startsWith("assigned")).length, 3);
      while (consumer.lagSeconds() > 0) await setTimeout(10);
    });

    it("loses and repeats nothing when a consumer dies between a batch and the next", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      let deaths = 1;
      const after = () => {
        if (deaths-- > 0) throw new Error("died after the effect was stored");
      };
      await log.publish(numbered(0, 10));
      await log.consume("g", [TOPIC], storingHandler(ledger, { after }));
      await ledger.until(() => ledger.effects.length >= 10);
      await log.publish(numbered(10, 20));
      await ledger.until(() => ledger.effects.length >= 20);
      assert.deepEqual(ledger.values(), texts(0, 20));
    });

    it("gives what a handler kept in memory again when it was not stored", async () => {
      const ledger = new Ledger();
      const kept: string[] = [];
      const forgetful: BatchHandler = {
        ...storingHandler(ledger),
        async apply(batch) {
          kept.push(...batch.messages.map(({ value }) => String(value)));
          ledger.changed();
        },
        stored: () => null,
      };
      const log = await openLog();
      await log.publish(numbered(0, 10));
      await log.consume("g", [TOPIC], forgetful);
      await ledger.until(() => kept.length >= 10);
      await close(log);
      await (await openLog()).consume("g", [TOPIC], storingHandler(ledger));
      await ledger.until(() => ledger.effects.length >= 10);
      assert.deepEqual(ledger.values(), texts(0, 10));
    });

    it("asks a fenced handler anew where it stands", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      let thefts = 1;
      const before = (batch: LogBatch) => {
        // Somebody else stores the batch first.
        if (thefts-- > 0) ledger.store(`${TOPIC}/${batch.partition}`, null, batch.nextOffset, batch.messages);
      };
      await log.publish(numbered(0, 10));
      await log.consume("g", [TOPIC], storingHandler(ledger, { before }));
      await ledger.until(() => ledger.effects.length >= 10);
      await log.publish(numbered(10, 20));
      await ledger.until(() => ledger.effects.length >= 20);
      assert.deepEqual(ledger.values(), texts(0, 20));
    });

    it("stops with the reason of a handler that cannot go on", async () => {
      const log = await openLog();
      await log.publish(numbered(0, 1));
      for (const where of ["before", "assigned"] as const) {
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

    it("tells which messages were gone before they were seen", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      const consumer = await log.consume("g", [TOPIC], storingHandler(ledger));
      await log.publish(numbered(0, 5));
      await ledger.until(() => ledger.effects.length >= 5);
      await consumer.stop();
      const { partition } = ledger.effects[0];
      const from = ledger.offsets.get(`${TOPIC}/${partition}`)!;
      await log.publish(numbered(5, 10));
      const seen = new Ledger();
      const other = await log.consume("h", [TOPIC], storingHandler(seen));
      await seen.until(() => seen.effects.length >= 10);
      await other.stop();
      const to = seen.effects[7].offset;
      await close(log);
      await fixture().forget(TOPIC, partition, to);
      await (await openLog()).consume("g", [TOPIC], storingHandler(ledger));
      await ledger.until(() => ledger.effects.length >= 8);
      assert.deepEqual(ledger.values(), [...texts(0, 5), ...texts(7, 10)]);
      assert.deepEqual(ledger.skips, [{ from, to }]);
    });

    it("shares a group between two consumers, and gives all to the one that stays", async () => {
      const log = await openLog();
      const second = fixture().severalProcesses ? await openLog() : log;
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

    it("calls idle between the other calls, never during one", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      let working = false;
      let idles = 0;
      const hooks = {
        before: async () => {
          working = true;
          await setTimeout(1500);
          working = false;
        },
        idle: async () => {
          assert(!working);
          idles++;
          ledger.changed();
        },
      };
      await log.publish(numbered(0, 5));
      await log.consume("g", [TOPIC], storingHandler(ledger, hooks));
      await ledger.until(() => ledger.effects.length >= 5 && idles >= 2);
    });

    it("consumes a topic that does not exist yet", async () => {
      const log = await openLog();
      const ledger = new Ledger();
      await log.consume("g", ["logs_newborn"], storingHandler(ledger));
      await ledger.until(() => ledger.calls.some((call) => call.startsWith("assigned")));
      await log.publish([message("first", "k", "logs_newborn")]);
      await ledger.until(() => ledger.effects.length >= 1);
      assert.deepEqual(ledger.values(), ["first"]);
    });

    it("has no problem while all is well", async () => {
      const log = await openLog();
      await log.publish(numbered(0, 1));
      assert.equal(log.problem(), null);
    });
  });
}
