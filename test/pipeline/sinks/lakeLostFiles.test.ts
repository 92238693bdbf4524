/** Files of the lake that were deleted by mistake: the sink stores the newest ones again and reports others, which `rebuild lake` stores. */
import assert from "node:assert/strict";
import { PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { LakeGaps } from "../../../src/pipeline/rebuild/LakeGaps.ts";
import { lakeTopics } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { assertStoredOnce, describeOnEveryStore, matchMessages } from "./lakeStores.ts";
import { catalogue, filesIn, lake, logOf } from "./lakeUnderTest.ts";
import { NOON_MS } from "./matches.ts";

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
      /^sink lake: the newest file was deleted: raw\/logs_match\/.*rebuild -- lake --from kafka --only-missing/,
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
    let handler: ReturnType<typeof lake>;
    let reported: (string | null)[];

    /** A sink that has stored a file of two messages at each even offset up to 8, and has listed all of them. */
    beforeEach(async () => {
      nowMs = 0;
      [objects, moves, reported] = [store.objects(), log(), []];
      const reportLost = (line: string | null) => void reported.push(line);
      handler = lake(objects, { monotonicMs: () => nowMs, flushAfterMs: 1000, reportLost, warn: () => {} });
      await moves.assign(handler);
      for (let from = 0; from < 8; from += 2) await storeBatch(from, from + 2);
      await look();
    });

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

    it("are reported with their offsets until they are stored again", async () => {
      const files = await filesIn(objects, "logs_match");
      for (const at of [1, 2]) await objects.remove(files[at].file.key);
      await look();
      await look();
      assert.match(
        reported.at(-1)!,
        /^sink lake: files were deleted.* \(offsets 2 to 5 of logs_match\[0\]\).*`npm run rebuild -- lake --from kafka --only-missing --yes`/,
      );
      const gaps = new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring: true });
      await moves.assign(gaps);
      gaps.onSkipped("logs_match", 0, 2n, 3n);
      await gaps.apply(moves.batch(3, 8));
      await look();
      assert.match(reported.at(-1)!, /\(offsets 2 to 2 of logs_match\[0\]\)/);
      await moves.deliverAll(new LakeGaps({ objects, catalogue, deletedBefore: "", isStoring: true }));
      await look();
      assert.equal(reported.at(-1), null);
      await storeBatch(8, moves.end);
      await assertStoredOnce(objects, moves);
    });

    it("are not reported if the sink has stored the messages again in larger files", async () => {
      await removeFrom(objects, 1);
      nowMs += MINUTE_MS;
      await assert.rejects(handler.onIdle!(), PartitionLost);
      await moves.revoke(handler);
      await moves.deliver(handler);
      for (let times = 0; times < 3; times++) await look();
      assert.deepEqual(new Set(reported), new Set([null]));
      await assertStoredOnce(objects, moves);
    });

    it("are no longer reported by a sink whose partition was revoked", async () => {
      const [, second] = await filesIn(objects, "logs_match");
      await objects.remove(second.file.key);
      await look();
      await look();
      assert.notEqual(reported.at(-1), null);
      await moves.revoke(handler);
      await look();
      assert.equal(reported.at(-1), null);
    });
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
