/** Acts of operators reach `logs_admin` at least once, with the id of their row, over a real PostgreSQL. */
import assert from "node:assert/strict";
import { ActPublisher, CLAIM_MS, type RecordedAct } from "../../../src/api/operators/ActPublisher.ts";
import { OperatorLog } from "../../../src/api/operators/OperatorLog.ts";
import { useStore } from "../useApi.ts";

const ANA = { name: "ana", role: "moderate" } as const;

describe("acts of operators", () => {
  const store = useStore();
  let nowMs = 1_800_000_000_000;
  let published: RecordedAct[];
  let failures: string[];
  beforeEach(() => {
    published = [];
    failures = [];
    nowMs += 10 * CLAIM_MS;
  });

  const appended = async (acts: readonly RecordedAct[]) => void published.push(...acts);
  const now = () => nowMs;

  /** A process with the log of acts. `append`: what its outbox does. */
  function startProcess(append: (acts: readonly RecordedAct[]) => Promise<void>, canAppend = () => true) {
    const publisher = new ActPublisher({
      ...{ sql: store(), append, canAppend, now, onSucceeded() {} },
      onFailed: (error) => failures.push((error as Error).message),
    });
    const log = new OperatorLog({ sql: store(), publisher, now, onRecorded() {} });
    return { publisher, kick: (player: string) => log.record(ANA, { act: "kick", player, reason: "insults" }) };
  }

  it("are published once, by the process that recorded them", async () => {
    const { publisher, kick } = startProcess(appended);
    await kick("p1");
    await publisher.stop();
    nowMs += 2 * CLAIM_MS;
    await startProcess(appended).publisher.publishUnclaimed();
    assert.deepEqual(
      published.map(({ message }) => message.player),
      ["p1"],
    );
  });

  it("are published by another process if theirs dies before its outbox has them on disk", async () => {
    const lost: RecordedAct[] = [];
    const dying = startProcess((acts) => {
      lost.push(...acts);
      return new Promise(() => {});
    });
    await dying.kick("p2");
    await dying.kick("p3");
    const other = startProcess(appended);
    await other.publisher.publishUnclaimed();
    assert.deepEqual(published, [], "the first process may still publish them");
    nowMs += CLAIM_MS;
    await Promise.all([other, startProcess(appended)].map(({ publisher }) => publisher.publishUnclaimed()));
    assert.deepEqual(published, lost, "with the same id and the same values");
    nowMs += CLAIM_MS;
    await other.publisher.publishUnclaimed();
    assert.equal(published.length, 2);
  });

  it("are published again a minute after the outbox failed, and the failure is reported", async () => {
    let isFull = true;
    const { publisher, kick } = startProcess(async (acts) => {
      if (isFull) throw new Error("the disk is full (ENOSPC)");
      published.push(...acts);
    });
    await kick("p4");
    await publisher.stop();
    isFull = false;
    nowMs += CLAIM_MS;
    await publisher.publishUnclaimed();
    assert.deepEqual(
      published.map(({ message }) => message.player),
      ["p4"],
    );
    assert.deepEqual(failures, ["the disk is full (ENOSPC)"]);
  });

  for (const [how, isKnown] of [
    ["which it knows", true],
    ["without its knowledge", false],
  ] as const)
    it(`are published by another process while the outbox of theirs fails, ${how}`, async () => {
      let attempts = 0;
      const failing = async () => {
        attempts++;
        throw new Error("the disk is full (ENOSPC)");
      };
      const broken = startProcess(failing, () => !isKnown);
      await broken.kick("p7");
      await broken.publisher.stop();
      const other = startProcess(appended);
      nowMs += CLAIM_MS;
      // Each process looks once in this time. The broken one is always the first after its own claim has ended.
      for (let n = 0; n < 3; n++) {
        await broken.publisher.publishUnclaimed();
        nowMs += CLAIM_MS / 2;
        await other.publisher.publishUnclaimed();
        nowMs += CLAIM_MS / 2;
      }
      assert.deepEqual(
        published.map(({ message }) => message.player),
        ["p7"],
      );
      assert.equal(attempts, isKnown ? 1 : 2);
      assert.deepEqual(failures, Array(attempts).fill("the disk is full (ENOSPC)"));
    });

  it("are given to an outbox once, while it does not answer", async () => {
    const dying = startProcess(() => new Promise(() => {}));
    await dying.kick("p6");
    const waiting = startProcess(async (acts) => {
      published.push(...acts);
      await new Promise(() => {});
    });
    for (let n = 0; n < 3; n++) {
      nowMs += CLAIM_MS;
      void waiting.publisher.publishUnclaimed();
      while (published.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await store().check();
    }
    assert.equal(published.length, 1);
    nowMs += CLAIM_MS;
    await startProcess(appended).publisher.publishUnclaimed();
    assert.deepEqual(published[1], published[0], "another process publishes it");
  });

  it("are published in parts after a long failure", async () => {
    const { publisher, kick } = startProcess(async () => {
      throw new Error("failed");
    });
    for (let n = 0; n < 120; n++) await kick(`n${n}`);
    await publisher.stop();
    nowMs += CLAIM_MS;
    const sizes: number[] = [];
    await startProcess(async (acts) => void sizes.push(acts.length)).publisher.publishUnclaimed();
    assert.deepEqual(sizes, [100, 20]);
  });

  it("that are refused are not published", async () => {
    const { publisher } = startProcess(appended);
    const log = new OperatorLog({ sql: store(), publisher, now, onRecorded() {} });
    const refused = () => Promise.reject(new Error("unknown player"));
    await assert.rejects(log.record(ANA, { act: "ban", player: "p5", reason: "cheats" }, refused), /unknown player/);
    nowMs += CLAIM_MS;
    await publisher.publishUnclaimed();
    assert.deepEqual(published, []);
  });
});
