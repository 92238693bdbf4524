/** Files of the lake that were deleted by mistake: the sink notices the newest ones, and `rebuild lake` finds all others. */
import assert from "node:assert/strict";
import { PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { LakeGaps } from "../../../src/pipeline/rebuild/LakeGaps.ts";
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
