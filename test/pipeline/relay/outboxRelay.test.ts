/** What a relay reports about an outbox that fails, without a broker. */
import assert from "node:assert/strict";
import { setImmediate, setTimeout } from "node:timers/promises";
import { encodeVerbatim } from "../../../src/pipeline/events/verbatimRecord.ts";
import type { OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import type { OutboxBatch, OutboxDrain } from "../../../src/pipeline/outbox/Outbox.ts";
import { OutboxRelay } from "../../../src/pipeline/relay/OutboxRelay.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";

const MEBIBYTE = 2 ** 20;

/** A drain of an outbox that is larger than what a relay may hold. Counts the bytes that it has returned. */
class LargeDrain implements OutboxDrain {
  readonly id = "0123456789abcdef";
  readonly directory = "/outbox";
  readonly state = new Map<string, Uint8Array>();
  readonly acknowledged = 0;
  readonly #record = encodeVerbatim({ topic: "logs_stats", key: "k", headers: {}, value: "1".repeat(5000) });
  readonly records = Math.ceil((32 * MEBIBYTE) / this.#record.length);
  bytesRead = 0;

  async read(after: number, bytesMax: number): Promise<OutboxBatch> {
    const count = Math.min(this.records - after, Math.floor(bytesMax / this.#record.length));
    this.bytesRead += count * this.#record.length;
    const records = Array.from({ length: count }, (_, at) => {
      return { number: after + at + 1, appendedAt: Date.now(), bytes: this.#record };
    });
    return { records, next: after + count };
  }

  acknowledge = async () => {};
  definition = async () => null;
  close = async () => {};
}

/** A drain of numbered records, whose operations the test lets fail. */
class FakeDrain implements OutboxDrain {
  readonly id = "0123456789abcdef";
  readonly directory = "/outbox";
  readonly state = new Map<string, Uint8Array>();
  readonly failing = new Set<"read" | "acknowledge">();
  acknowledged = 0;
  records = 0;
  reads = 0;

  async read(after: number): Promise<OutboxBatch> {
    this.reads++;
    if (this.failing.has("read")) throw new Error("a segment\ncannot be read");
    if (after >= this.records) return { records: [], next: after };
    const bytes = encodeVerbatim({ topic: "logs_stats", key: "k", headers: {}, value: "1" });
    return { records: [{ number: after + 1, appendedAt: Date.now(), bytes }], next: after + 1 };
  }

  async acknowledge(upTo: number): Promise<void> {
    if (this.failing.has("acknowledge")) throw new Error("the disk is full");
    this.acknowledged = upTo;
  }

  definition = async () => null;
  close = async () => {};
}

describe("the relay of one outbox", () => {
  let relay: OutboxRelay;
  let drain: FakeDrain;
  beforeEach(() => {
    drain = new FakeDrain();
    const sender = {
      trySend: async () => new Map(),
      partitionCounts: async (topics: readonly string[]) => new Map(topics.map((topic) => [topic, 1])),
      isHeld: () => false,
    };
    relay = new OutboxRelay({ drain, sender, logger: silent, acknowledgeEveryMs: 1 });
  });
  afterEach(() => relay.stop());

  async function until(isMet: () => boolean): Promise<void> {
    while (!isMet()) await setTimeout(1);
  }

  it("reports that the outbox cannot be read, and an age, until it is read, although no record follows", async () => {
    drain.failing.add("read");
    await until(() => relay.problems().length > 0);
    assert.deepEqual(relay.problems(), ["outbox 0123456789abcdef: a segment cannot be read"]);
    assert(relay.oldestSeconds(Date.now() + 1000) > 0);
    drain.failing.clear();
    await until(() => relay.problems().length === 0);
    await until(() => relay.oldestSeconds(Date.now() + 1000) === 0);
  });

  it("reports that acknowledgements cannot be stored, until one is, although sending works", async () => {
    drain.failing.add("acknowledge");
    drain.records = 1;
    await until(() => relay.problems().length > 0);
    for (let sent = relay.messagesAcknowledged; relay.messagesAcknowledged < sent + 5; drain.records++) {
      assert.deepEqual(relay.problems(), [
        "outbox 0123456789abcdef: cannot store what the brokers have acknowledged: the disk is full",
      ]);
      await setTimeout(20);
    }
    drain.failing.clear();
    await until(() => drain.acknowledged >= drain.records - 1 && relay.problems().length === 0);
  });
});

describe("the memory of a relay", () => {
  it("contains at most 2 MiB of records that the brokers have not acknowledged, however large the outbox is", async () => {
    const drain = new LargeDrain();
    let [bytesSent, bytesHeldMax, records] = [0, 0, 0];
    const done = Promise.withResolvers<void>();
    const sender = {
      async trySend(messages: readonly OutgoingMessage[]) {
        // The relay may read as much as it wants while the brokers do not respond.
        for (let turn = 0; turn < 50; turn++) await setImmediate();
        bytesHeldMax = Math.max(bytesHeldMax, drain.bytesRead - bytesSent);
        for (const { value } of messages) bytesSent += value!.length;
        records += messages.length;
        if (records === drain.records) done.resolve();
        return new Map();
      },
      partitionCounts: async (topics: readonly string[]) => new Map(topics.map((topic) => [topic, 1])),
      isHeld: () => false,
    };
    const relay = new OutboxRelay({ drain, sender, logger: silent, acknowledgeEveryMs: 1 });
    await done.promise;
    await relay.stop();
    assert(bytesHeldMax <= 2 * MEBIBYTE, `${bytesHeldMax} bytes`);
  });
});
