/** An outbox that grows too large or cannot write. */
import assert from "node:assert/strict";
import type { BlockStore } from "../../../src/pipeline/outbox/BlockStore.ts";
import { BufferedWriter } from "../../../src/pipeline/outbox/BufferedWriter.ts";
import type { OutboxMode } from "../../../src/pipeline/outbox/modes.ts";
import { appendText } from "./temporary.ts";

class TestStore implements BlockStore {
  storedBytes = 0;
  acknowledged = 0;
  problem: string | null = null;
  failure: Error | null = null;
  /** While set, writes wait until it resolves. */
  blocked: Promise<void> | null = null;
  readonly written: { firstNumber: number; bytes: Buffer }[] = [];

  async write(block: Buffer, firstNumber: number): Promise<void> {
    if (this.blocked !== null) await this.blocked;
    if (this.failure !== null) throw this.failure;
    this.written.push({ firstNumber, bytes: Buffer.from(block) });
  }

  async measure() {
    return { storedBytes: this.storedBytes, acknowledged: this.acknowledged, problem: this.problem };
  }

  define(): void {}

  async close(): Promise<void> {}
}

describe("an outbox at its limits", () => {
  let store: TestStore;
  let writer: BufferedWriter;
  let nowMs: number;
  let modes: OutboxMode[];

  beforeEach(() => {
    store = new TestStore();
    nowMs = 0;
    modes = [];
    writer = new BufferedWriter(
      { id: "x", logId: "x", directory: "/srv/DIR", lastNumber: 0, nextNumber: 1 },
      store,
      {
        limitBytes: 1000,
        memoryBytesMax: 500,
        commitIntervalMs: 0,
        measureIntervalMs: 1e6,
        now: () => nowMs,
        monotonicMs: () => nowMs,
      },
      () => {},
    );
    writer.onMode((mode) => modes.push(mode));
  });
  afterEach(() => writer.close());

  it("never names a path in the reason why it refuses matches, because players see it", async () => {
    const reasons: (string | null)[] = [];
    const addReason = async () => {
      await writer.measure();
      reasons.push(writer.refusal());
    };
    store.failure = Object.assign(new Error("EACCES: permission denied, open '/srv/DIR/segments/1.seg'"), {
      code: "EACCES",
    });
    appendText(writer, "x");
    await assert.rejects(writer.whenCommitted());
    await addReason();
    store.failure = null;
    await writer.measure();
    await writer.whenCommitted();
    store.measure = () => Promise.reject(new Error("EIO: i/o error, scandir '/srv/DIR/segments'"));
    await addReason();
    store.measure = async () => ({ storedBytes: 5000, acknowledged: 0, problem: null });
    await addReason();
    await writer.close();
    reasons.push(writer.refusal());
    assert.equal(reasons.length, 4);
    for (const reason of reasons) assert.match(reason ?? "", /^outbox x\b/);
    assert.doesNotMatch(reasons.join(), /srv|DIR/);
    assert.match(reasons[0]!, /EACCES: permission denied$/);
  });

  it("refuses matches, drops moves, then combat, then aborts, and recovers", async () => {
    const states: unknown[] = [];
    for (const size of [0, 1000, 1500, 2000, 0]) {
      store.storedBytes = size;
      await writer.measure();
      states.push([writer.mode, writer.shedding, writer.refusal() !== null]);
    }
    assert.deepEqual(states, [
      ["open", "nothing", false],
      ["shedding moves", "first", true],
      ["shedding combat", "firstAndSecond", true],
      ["aborting", "firstAndSecond", true],
      ["open", "nothing", false],
    ]);
    assert.equal(modes.filter((mode) => mode === "aborting").length, 1);
  });

  it("names the variable if it is too full", async () => {
    store.storedBytes = 1000;
    await writer.measure();
    assert.match(writer.refusal() ?? "", /OUTBOX_MAX_MB/);
  });

  it("refuses matches while a commit lags by more than 250 ms", async () => {
    let release = () => {};
    store.blocked = new Promise((resolve) => {
      release = resolve;
    });
    appendText(writer, "x");
    nowMs = 250;
    assert.equal(writer.refusal(), null);
    nowMs = 251;
    assert.match(writer.refusal() ?? "", /commits lag by more than 250 ms/);
    assert.equal(writer.commitLagMs(), 251);
    release();
    await writer.whenCommitted();
    assert.equal(writer.refusal(), null);
  });

  it("on a full disk, keeps records in limited memory, counts the rest as lost, and writes them later", async () => {
    store.failure = Object.assign(new Error("write"), { code: "ENOSPC" });
    assert.equal(appendText(writer, "a".repeat(300)), 1);
    await assert.rejects(writer.whenCommitted(), /disk is full/);
    assert.equal(writer.mode, "failed");
    assert.match(writer.refusal() ?? "", /the disk is full \(ENOSPC\)/);
    assert.equal(appendText(writer, "b".repeat(150)), 2);
    assert.equal(appendText(writer, "c".repeat(150)), 0);
    assert.equal(writer.lostRecords, 1);
    store.failure = null;
    await writer.measure();
    await writer.whenCommitted();
    assert.equal(writer.mode, "open");
    assert.equal(writer.committed, 2);
    assert.equal(appendText(writer, "d"), 3);
    await writer.whenCommitted();
    assert.deepEqual(
      store.written.map(({ firstNumber }) => firstNumber),
      [1, 2, 3],
    );
  });

  it("fails with the message of a reader that found damage, and continues to record", async () => {
    store.problem = "segment 7 is damaged";
    await writer.measure();
    assert.equal(writer.mode, "failed");
    assert.match(writer.refusal() ?? "", /segment 7 is damaged/);
    assert.equal(appendText(writer, "x"), 1);
    await writer.whenCommitted();
    store.problem = null;
    await writer.measure();
    assert.equal(writer.mode, "open");
  });

  it("returns the age of the oldest record that is not acknowledged", async () => {
    appendText(writer, "x");
    await writer.whenCommitted();
    await writer.measure();
    nowMs = 5000;
    appendText(writer, "y");
    await writer.whenCommitted();
    await writer.measure();
    assert.equal(writer.oldestSeconds(), 5);
    store.acknowledged = 1;
    nowMs = 7000;
    await writer.measure();
    assert.equal(writer.oldestSeconds(), 2);
    store.acknowledged = 2;
    await writer.measure();
    assert.equal(writer.oldestSeconds(), 0);
  });
});
