/** What a relay reports about an outbox that fails, without a broker. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { encodeVerbatim } from "../../../src/pipeline/events/verbatimRecord.ts";
import type { OutboxBatch, OutboxDrain } from "../../../src/pipeline/outbox/Outbox.ts";
import { OutboxRelay } from "../../../src/pipeline/relay/OutboxRelay.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";

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
