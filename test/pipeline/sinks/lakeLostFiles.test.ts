/** Files of the lake that were deleted by mistake: the sink, or `rebuild lake`, stores their messages again. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { LakeGaps } from "../../../src/pipeline/sinks/lake/LakeGaps.ts";
import { type LakeOptions, lakeTopics } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { assertStoredOnce, describeOnEveryStore, matchMessages } from "./lakeStores.ts";
import { catalogue, filesIn, lake, logOf } from "./lakeUnderTest.ts";
import { MemoryLog } from "./MemoryLog.ts";
import { DAY_MS, NOON_MS } from "./matches.ts";

const MINUTE_MS = 60_000;

describeOnEveryStore("lost files of the lake", (store) => {
  const log = () => logOf("logs_match", matchMessages);

  it("that are the newest are noticed while the sink runs, and stored again", async () => {
    let nowMs = 0;
    const lines: string[] = [];
    const options = { monotonicMs: () => nowMs, flushAfterMs: 1000, warn: (line: string) => void lines.push(line) };
    const [objects, moves] = [store.objects(), log()];
    const handler = lake(objects, options);
    for (const to of [3, 6, 9]) {
      await moves.deliver(handler, () => 3, to);
      nowMs += 2000;
      await handler.onIdle!();
    }
    // The next file is open.
    await handler.apply(moves.batch(9, 12));
    await removeFrom(objects, 1);
    nowMs += MINUTE_MS;
    await assert.rejects(handler.onIdle!(), PartitionLost);
    assert.match(
      lines[0],
      /^sink lake: the newest file was deleted: raw\/logs_match\/.*; the sink stores the messages/,
    );
    await moves.revoke(handler);
    assert.equal(await moves.assign(handler), 3n);
    await moves.deliverAll(handler);
    await assertStoredOnce(objects, moves);
    nowMs += MINUTE_MS;
    await handler.onIdle!();
  });

  it("that are all files are noticed too", async () => {
    let nowMs = 0;
    const [objects, moves] = [store.objects(), log()];
    const handler = lake(objects, { monotonicMs: () => nowMs, flushAfterMs: 1000 });
    await moves.deliver(handler, () => 3, 6);
    nowMs += MINUTE_MS;
    await handler.onIdle!();
    await removeFrom(objects, 0);
    nowMs += MINUTE_MS;
    await assert.rejects(handler.onIdle!(), PartitionLost);
    await moves.revoke(handler);
    await moves.deliverAll(handler);
    await assertStoredOnce(objects, moves);
  });

  describe("between others", () => {
    const topics = lakeTopics(catalogue);
    let nowMs: number;
    let objects: ObjectStore;
    let moves: ReturnType<typeof log>;
    let kept: MemoryLog;
    let handler: ReturnType<typeof lake>;
    let reported: (string | null)[];
    let lines: string[];

    /** A sink that has stored a file of two messages at each even offset up to 8, and has listed all of them. */
    beforeEach(async () => {
      nowMs = 0;
      [objects, moves, reported, lines] = [store.objects(), log(), [], []];
      kept = new MemoryLog([moves]);
      handler = start();
      await moves.assign(handler);
      for (let from = 0; from < 8; from += 2) await storeBatch(from, from + 2);
      await look();
    });

    function start(more: Partial<LakeOptions> = {}): ReturnType<typeof lake> {
      const reportLost = (line: string | null) => void reported.push(line);
      const [warn, inform] = [(line: string) => void lines.push(line), (line: string) => void lines.push(line)];
      const options = { log: kept, monotonicMs: () => nowMs, flushAfterMs: 1000, reportLost, warn, inform };
      return lake(objects, { ...options, ...more });
    }

    async function storeBatch(from: number, to: number): Promise<void> {
      await handler.apply(moves.batch(from, to));
      nowMs += 2000;
      await handler.onIdle!();
    }

    /** Time passes until every topic was looked at. */
    async function look(): Promise<void> {
      for (const _topic of topics) {
        nowMs += 3_600_000 / topics.length;
        await handler.onIdle!();
      }
    }

    async function until(isDone: () => boolean): Promise<void> {
      while (!isDone()) {
        await handler.onIdle!();
        await setImmediate();
      }
    }

    async function remove(...at: number[]): Promise<void> {
      const files = await filesIn(objects, "logs_match");
      for (const index of at) await objects.remove(files[index].file.key);
    }

    it("are stored again by the sink, which stores current messages meanwhile", async () => {
      const hold = Promise.withResolvers<void>();
      kept.beforeBatch = () => hold.promise;
      await remove(1, 2);
      await look();
      assert.match(
        reported.at(-1)!,
        /^sink lake: messages are missing between the files of the lake: the sink reads them from the log again.* \(offsets 2 to 5 of logs_match\[0\]\)$/,
      );
      await storeBatch(8, moves.end);
      assert.equal(handler.storedOffset!("logs_match", 0), BigInt(moves.end));
      hold.resolve();
      await until(() => reported.at(-1) === null);
      await assertStoredOnce(objects, moves);
      assert.deepEqual(kept.groups, ["restore-lake-logs_match-0"]);
      assert.deepEqual(kept.read, [2, 3, 4, 5, 6, 7].slice(0, kept.read.length), "only what is missing is read");
      assert.match(
        lines.at(-1)!,
        /^sink lake: stored messages of deleted files again.* \(offsets 2 to 5 of logs_match\[0\]\)$/,
      );
    });

    it("are stored again if there are several gaps, and if they are lost again", async () => {
      await remove(0, 2);
      await look();
      await until(() => reported.at(-1) === null);
      await remove(2);
      await look();
      await until(() => reported.at(-1) === null);
      await storeBatch(8, moves.end);
      await assertStoredOnce(objects, moves);
    });

    it("are reported as long as they are missing if the log no longer has them, and read once", async () => {
      kept.earliest = 3;
      await remove(1, 2);
      await look();
      const isGone = () => reported.at(-1)!.includes("backup");
      await until(isGone);
      assert.match(
        reported.at(-1)!,
        /the log no longer has some of them \(offsets 2 to 2 of logs_match\[0\]\): if files were deleted, restore them from a backup of the lake$/,
      );
      await look();
      await look();
      assert(isGone());
      assert.equal(kept.groups.length, 1);
      await moves.deliverAll(new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring: true }));
      await look();
      assert.equal(reported.at(-1), null);
      await storeBatch(8, moves.end);
      await assertStoredOnce(objects, moves);
    });

    it("do not delay a stop, and are stored after the next start", async () => {
      const reached = Promise.withResolvers<void>();
      kept.beforeBatch = () => {
        reached.resolve();
        return new Promise(() => {});
      };
      await remove(1, 2);
      await look();
      await reached.promise;
      await moves.revoke(handler);
      assert.equal((await filesIn(objects, "logs_match")).length, 2);
      kept.beforeBatch = async () => {};
      await moves.assign(handler);
      await look();
      await until(() => reported.at(-1) === null);
      await storeBatch(8, moves.end);
      await assertStoredOnce(objects, moves);
    });

    it("are stored later if the log is unavailable", async () => {
      kept.unavailable = "no broker answers";
      await remove(1);
      await look();
      await until(() => lines.length > 0);
      assert.match(
        lines[0],
        /^sink lake: storing the messages of deleted files again \(offsets 2 to 3 of logs_match\[0\]\) failed, trying again in 1 min: no broker answers$/,
      );
      assert.match(reported.at(-1)!, /the sink reads them from the log again/);
      kept.unavailable = null;
      nowMs += 3_600_000;
      await until(() => reported.at(-1) === null);
      await storeBatch(8, moves.end);
      await assertStoredOnce(objects, moves);
    });

    it("are stored once if two processes and the command store them at the same time", async () => {
      kept.batchSize = 1;
      await remove(1, 2);
      const other = start();
      await moves.assign(other);
      const command = moves.deliverAll(
        new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring: true }),
        () => 1,
      );
      await look();
      await command.catch((error) => assert(error instanceof PartitionLost));
      await until(() => reported.at(-1) === null);
      await moves.revoke(other);
      await storeBatch(8, moves.end);
      await assertStoredOnce(objects, moves);
    });

    it("are neither reported nor stored if the sink has stored the messages again in larger files", async () => {
      await removeFrom(objects, 1);
      nowMs += MINUTE_MS;
      await assert.rejects(handler.onIdle!(), PartitionLost);
      await moves.revoke(handler);
      await moves.deliver(handler);
      for (let times = 0; times < 3; times++) await look();
      assert.deepEqual(new Set(reported), new Set([null]));
      assert.deepEqual(kept.groups, []);
      await assertStoredOnce(objects, moves);
    });

    it("are neither reported nor stored if retention is deleting them", async () => {
      // Another process has stored this state, and has deleted only some files.
      await remove(1, 2);
      const deletedBefore = new Date(NOON_MS + DAY_MS).toISOString().slice(0, 10);
      const at = { boot: null, uptimeMs: 0 };
      const state = { limitMs: NOON_MS, at, appendedMs: NOON_MS, deletedBefore };
      await objects.putNew("retention/000000000000001.json", Buffer.from(JSON.stringify(state)));
      handler = start({ retentionDays: 1000 });
      await moves.assign(handler);
      await look();
      await look();
      assert.deepEqual(new Set(reported), new Set([null]));
      assert.deepEqual(kept.groups, []);
    });

    it("are no longer reported by a sink whose partition was revoked", async () => {
      kept.earliest = 8;
      await remove(1);
      await look();
      assert.notEqual(reported.at(-1), null);
      await moves.revoke(handler);
      await look();
      assert.equal(reported.at(-1), null);
    });
  });

  it("that are all files of some hours are stored again after a start, although they were deleted before it", async () => {
    const [objects, moves] = [store.objects(), logOf("logs_match", matchMessages, 1_800_000)];
    const [kept, reported, topics] = [new MemoryLog([moves]), [] as (string | null)[], lakeTopics(catalogue)];
    const lastMs = NOON_MS + moves.end * 1_800_000;
    await moves.deliverAll(lake(objects, { now: () => lastMs }), () => 2);
    const files = await filesIn(objects, "logs_match");
    const hours = files.map(({ file }) => file.hour);
    assert.deepEqual(new Set(hours).size, hours.length, "one file an hour");
    for (const at of [1, 3]) await objects.remove(files[at].file.key);
    let nowMs = 0;
    const reportLost = (line: string | null) => void reported.push(line);
    const handler = lake(objects, { log: kept, now: () => lastMs, monotonicMs: () => nowMs, reportLost });
    await moves.assign(handler);
    for (const _topic of topics) {
      nowMs += 3_600_000 / topics.length;
      await handler.onIdle!();
    }
    // Not necessarily the last report: they may be stored again before the last topic was looked at.
    const lost = /\(offsets 2 to 3 of logs_match\[0\], offsets 6 to 7 of logs_match\[0\]\)$/;
    assert(
      reported.some((line) => lost.test(line ?? "")),
      reported.join("; "),
    );
    while (reported.at(-1) !== null) {
      await handler.onIdle!();
      await setImmediate();
    }
    await assertStoredOnce(objects, moves);
    assert.equal((await filesIn(objects, "logs_match")).length, files.length);
  });

  it("that are between others are found, and stored again with the same messages", async () => {
    const [objects, moves] = [store.objects(), log()];
    for (let to = 2; to <= moves.end + 1; to += 2) {
      const handler = lake(objects);
      await moves.deliver(handler, () => 2, Math.min(to, moves.end));
      await moves.revoke(handler);
    }
    const files = await filesIn(objects, "logs_match");
    assert.equal(files.length, 5);
    for (const at of [0, 2, 3]) await objects.remove(files[at].file.key);
    const found = await fill(false);
    assert.deepEqual(
      found.map(({ firstOffset, nextOffset }) => [firstOffset, nextOffset]),
      [
        [0n, 2n],
        [4n, 8n],
      ],
    );
    assert.equal((await filesIn(objects, "logs_match")).length, files.length - 3);
    assert.equal((await fill(true)).length, 2);
    await assertStoredOnce(objects, moves);
    assert.deepEqual(await fill(true), []);

    async function fill(isStoring: boolean) {
      const gaps = new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring });
      await moves.deliverAll(gaps, () => 3);
      assert.deepEqual(gaps.lost, []);
      return gaps.found;
    }
  });

  it("are covered by no file where the log deletes messages while they are read", async () => {
    const [objects, moves] = [store.objects(), log()];
    for (const to of [2, 8]) {
      const handler = lake(objects);
      await moves.deliver(handler, () => 8, to);
      await moves.revoke(handler);
    }
    const last = lake(objects);
    await moves.deliverAll(last);
    const files = await filesIn(objects, "logs_match");
    await objects.remove(files[1].file.key);
    const gaps = new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring: true });
    await moves.assign(gaps);
    await gaps.apply(moves.batch(2, 4));
    gaps.onSkipped("logs_match", 0, 4n, 6n);
    await gaps.apply(moves.batch(6, 9));
    assert.deepEqual(gaps.lost, [{ topic: "logs_match", partition: 0, firstOffset: 4n, nextOffset: 6n }]);
    const ranges = (await filesIn(objects, "logs_match")).map(({ metadata }) => [
      metadata.firstOffset,
      metadata.lastOffset,
    ]);
    assert.deepEqual(ranges, [
      [0n, 1n],
      [2n, 3n],
      [6n, 7n],
      [8n, BigInt(moves.end - 1)],
    ]);
  });

  it("that the log does not have either are lost, and those that retention deleted are not missing", async () => {
    const [objects, moves] = [store.objects(), log()];
    for (const to of [2, 4, 6, 8]) {
      const handler = lake(objects);
      await moves.deliver(handler, () => 2, to);
      await moves.revoke(handler);
    }
    const files = await filesIn(objects, "logs_match");
    for (const at of [0, 2]) await objects.remove(files[at].file.key);
    const day = new Date(NOON_MS + 86_400_000).toISOString().slice(0, 10);
    const old = new LakeGaps({ objects, catalogue, deletedBefore: day, isStoring: true });
    await moves.deliverAll(old);
    assert.deepEqual(old.found, []);
    const gaps = new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring: true });
    await moves.assign(gaps);
    gaps.onSkipped("logs_match", 0, 0n, 5n);
    await gaps.apply(moves.batch(5, 8));
    assert.deepEqual(gaps.lost, [{ topic: "logs_match", partition: 0, firstOffset: 4n, nextOffset: 5n }]);
    assert.deepEqual(gaps.found, [{ topic: "logs_match", partition: 0, firstOffset: 5n, nextOffset: 6n }]);
  });
});

async function removeFrom(objects: ObjectStore, at: number): Promise<void> {
  for (const { file } of (await filesIn(objects, "logs_match")).slice(at)) await objects.remove(file.key);
}
