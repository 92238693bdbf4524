import assert from "node:assert/strict";
import { NotStored, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { PartitionProgress } from "../../../src/pipeline/log/PartitionProgress.ts";

const at = (...times: number[]) => times.map((appendedAt) => ({ appendedAt }));
const PARTITION = { topic: "logs_move", partition: 0 };

describe("the progress of a partition", () => {
  it("lags by the oldest message that is not stored, although it is applied", () => {
    let stored = 0n;
    const progress = new PartitionProgress(() => stored);
    progress.assigned(0n, true);
    progress.applied(10n, at(1_000, 1_500), null);
    progress.applied(20n, at(1_900, 4_000), null);
    progress.applied(30n, at(9_000), null);
    assert.equal(progress.lagSeconds(11_000), 10);
    assert.equal(progress.isCaughtUp(), true);
    stored = 20n;
    assert.equal(progress.lagSeconds(11_000), 2);
    stored = 30n;
    assert.equal(progress.lagSeconds(11_000), 0);
  });

  it("does not lag by what the handler keeps in memory on purpose, until that is due", () => {
    let stored = 0n;
    const progress = new PartitionProgress(() => stored, 60_000);
    progress.assigned(0n, true);
    progress.applied(10n, at(1_000), null);
    assert.equal(progress.lagSeconds(61_000), 0);
    assert.equal(progress.lagSeconds(64_000), 3);
    progress.startWaiting(50_000);
    assert.equal(progress.lagSeconds(61_000), 11);
    progress.applied(20n, at(50_000), null);
    stored = 20n;
    assert.equal(progress.lagSeconds(64_000), 0);
  });

  it("keeps the lag while what was applied is read again after a failure", () => {
    let stored: bigint | null = 0n;
    const progress = new PartitionProgress(() => stored);
    progress.applied(10n, at(1_000), null);
    // Revoked and assigned again, from the same offset.
    stored = null;
    assert.equal(progress.lagSeconds(5_000), 4);
    stored = 0n;
    progress.assigned(0n, true);
    progress.applied(4n, at(1_000), 3_000);
    progress.applied(10n, at(3_000), null);
    assert.equal(progress.lagSeconds(6_000), 5);
    stored = 10n;
    assert.equal(progress.lagSeconds(6_000), 0);
  });

  it("lags by what is not applied, for a handler that stores each batch at once", () => {
    const progress = new PartitionProgress(null);
    progress.startWaiting(2_000);
    progress.startWaiting(3_000);
    assert.equal(progress.lagSeconds(5_000), 3);
    assert.equal(progress.isCaughtUp(), false);
    progress.applied(10n, at(2_000), 4_000);
    assert.equal(progress.lagSeconds(5_000), 1);
    progress.applied(20n, at(4_000), null);
    assert.equal(progress.lagSeconds(5_000), 0);
  });

  it("needs little memory, however many batches are not stored", () => {
    const progress = new PartitionProgress(() => null);
    for (let n = 1; n <= 10_000; n++) progress.applied(BigInt(n), at(n), null);
    assert.equal(progress.lagSeconds(10_000), 9.999);
  });

  it("keeps the failure of a batch until that batch is applied, whatever was applied or assigned before", () => {
    const progress = new PartitionProgress(null);
    progress.applyFailed(new Error("no\nroom"), 20n);
    progress.assigned(0n, true);
    progress.applied(10n, at(0), null);
    assert.deepEqual(progress.problems(), ["no room"]);
    progress.applied(20n, at(0), null);
    assert.deepEqual(progress.problems(), []);
  });

  it("keeps the failure of a store until the stored offset has moved past it", () => {
    let stored: bigint | null = 5n;
    const progress = new PartitionProgress(() => stored);
    progress.applyFailed(new NotStored(PARTITION, 5n, new Error("no permission")), 20n);
    progress.assigned(5n, true);
    progress.applied(20n, at(0), null);
    assert.deepEqual(progress.problems(), ["no permission"]);
    stored = null;
    assert.deepEqual(progress.problems(), ["no permission"]);
    stored = 20n;
    assert.deepEqual(progress.problems(), []);
  });

  it("has no failure once another consumer has taken the partition over", () => {
    const progress = new PartitionProgress(null);
    progress.assignFailed(new Error("unavailable"));
    assert.deepEqual(progress.problems(), ["unavailable"]);
    progress.applyFailed(new PartitionLost("taken"), 1n);
    assert.deepEqual(progress.problems(), []);
  });
});
