/** One assignment of a partition that ends while its handler stores a batch. */
import assert from "node:assert/strict";
import { PartitionWork } from "../../../src/pipeline/kafka/PartitionWork.ts";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { PartitionProgress } from "../../../src/pipeline/log/PartitionProgress.ts";
import { Gate } from "../../../src/platform/async/Gate.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";

const MESSAGE = { topic: "logs_move", partition: 0, offset: 0n, appendedAt: 0, key: null, headers: {}, value: null };

describe("an assignment of a partition that ends during a batch", () => {
  it("lets the handler drop the batch, whose messages still wait, and fails nothing", async () => {
    const calls: string[] = [];
    const applying = Promise.withResolvers<void>();
    const handler: BatchHandler = {
      async onAssigned() {
        calls.push("assigned");
        return null;
      },
      apply() {
        calls.push("apply");
        return applying.promise;
      },
      onRevoking(topic, partition) {
        calls.push("revoking");
        applying.reject(new PartitionLost(`${topic}[${partition}] was given up`));
      },
      async onRevoked() {
        calls.push("revoked");
      },
      onSkipped: () => assert.fail("an offset was skipped"),
    };
    const lines: object[] = [];
    const note = (fields: object) => void lines.push(fields);
    const reading = Promise.withResolvers<void>();
    const source = {
      ...{ topic: "logs_move", partition: 0, pause: () => calls.push("pause") },
      fetchOffsets: async () => ({ topicId: "t", earliest: 0n, end: 1n }),
      readFrom: () => reading.resolve(),
      unrecoverable: () => assert.fail("the handler can continue"),
    };
    const progress = new PartitionProgress(null);
    const options = { handler, gate: new Gate(), logger: { ...silent, info: note, warn: note } };
    const work = new PartitionWork(source, options, progress, Promise.resolve());
    await reading.promise;
    const delivered = work.deliver({ firstOffset: 0n, nextOffset: 1n, endOffset: 1n, messages: [MESSAGE] });
    while (!calls.includes("apply")) await Promise.resolve();
    await work.revoke();
    assert.equal(await delivered, false);
    assert.deepEqual(calls, ["assigned", "apply", "revoking", "revoked"]);
    assert.deepEqual(lines, []);
    assert.equal(work.applied, 0n);
    assert.equal(progress.lagSeconds(5000), 5);
    assert.deepEqual(progress.problems(), []);
  });
});
