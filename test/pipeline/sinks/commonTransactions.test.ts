/** Which batches share a transaction, and the outcome of each, over a store in memory. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { type LogBatch, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { CommonTransactions, type Part, ROWS_MAX } from "../../../src/pipeline/sinks/warehouse/CommonTransactions.ts";
import { DatabaseUnavailable } from "../../../src/platform/sql/DatabaseUnavailable.ts";

const AT_ONCE = 8;

function batchOf(partition: number): LogBatch {
  const offsets = { firstOffset: 0n, nextOffset: 1n, endOffset: 1n };
  return { topic: "logs_move", partition, topicId: "t", ...offsets, messages: [] };
}

/** The transactions that have begun, and a store that ends them when the test says so. */
class Held {
  /** The partitions of each transaction. */
  readonly begun: number[][] = [];
  readonly #ends: PromiseWithResolvers<ReadonlyMap<Part<string>, Error>>[] = [];
  readonly #parts: (readonly Part<string>[])[] = [];
  readonly transactions = new CommonTransactions<string>((parts) => {
    this.begun.push(parts.map(({ batch }) => batch.partition));
    this.#parts.push(parts);
    const end = Promise.withResolvers<ReadonlyMap<Part<string>, Error>>();
    this.#ends.push(end);
    return end.promise;
  });
  readonly outcomes: string[] = [];

  store(partition: number, rows = 1, isAlone = false): void {
    const part = { batch: batchOf(partition), messages: [], rows };
    this.transactions.store(part, isAlone).then(
      () => this.outcomes.push(`${partition} stored`),
      (error: Error) => this.outcomes.push(`${partition} ${error.message}`),
    );
  }

  async commit(transaction: number, lost: readonly number[] = []): Promise<void> {
    const parts = this.#parts[transaction].filter(({ batch }) => lost.includes(batch.partition));
    this.#ends[transaction].resolve(new Map(parts.map((part) => [part, new PartitionLost("lost")])));
    await turn();
  }

  async fail(transaction: number, error: Error): Promise<void> {
    this.#ends[transaction].reject(error);
    await turn();
  }
}

describe("the common transactions of batches", () => {
  it("store the batches of the same turn in one, and those that arrive meanwhile in the next", async () => {
    const held = new Held();
    for (const partition of [0, 1, 2]) held.store(partition);
    await turn();
    assert.deepEqual(held.begun, [[0, 1, 2]]);
    held.store(3);
    await turn();
    held.store(4);
    await turn();
    assert.equal(held.begun.length, 1);
    await held.commit(0);
    assert.deepEqual(held.begun, [
      [0, 1, 2],
      [3, 4],
    ]);
    assert.deepEqual(held.outcomes, ["0 stored", "1 stored", "2 stored"]);
  });

  it("let a single batch wait for no other", async () => {
    const held = new Held();
    held.store(5);
    await turn();
    assert.deepEqual(held.begun, [[5]]);
  });

  it("stay within the bound of rows, which a batch of its own may exceed", async () => {
    const held = new Held();
    for (const [partition, rows] of [ROWS_MAX / 2, ROWS_MAX / 2, 1, 3 * ROWS_MAX, 1].entries())
      held.store(partition, rows);
    await turn();
    assert.deepEqual(held.begun, [[0, 1], [2], [3]]);
    for (const transaction of [0, 1, 2]) await held.commit(transaction);
    assert.deepEqual(held.begun[3], [4]);
  });

  it("run beside each other while they are full, up to a maximum", async () => {
    const held = new Held();
    for (let partition = 0; partition < AT_ONCE + 2; partition++) held.store(partition, ROWS_MAX);
    await turn();
    assert.equal(held.begun.length, AT_ONCE);
    await held.commit(0);
    assert.equal(held.begun.length, AT_ONCE + 1);
  });

  it("tell each batch its own outcome", async () => {
    const held = new Held();
    for (const partition of [0, 1, 2]) held.store(partition);
    await turn();
    await held.commit(0, [1]);
    assert.deepEqual(held.outcomes, ["0 stored", "1 lost", "2 stored"]);
  });

  it("are repeated for each batch alone after a failure, so that only its cause fails", async () => {
    const held = new Held();
    for (const partition of [0, 1, 2]) held.store(partition);
    await turn();
    await held.fail(0, new Error("bad row"));
    assert.deepEqual(held.begun.slice(1), [[0], [1], [2]]);
    assert.deepEqual(held.outcomes, []);
    await held.commit(1);
    await held.fail(2, new Error("bad row"));
    await held.fail(3, new DatabaseUnavailable("too slow", "busy"));
    assert.deepEqual(held.outcomes, ["0 stored", "1 bad row", "2 too slow"]);
    assert.equal(held.begun.length, 4);
  });

  for (const fault of ["busy", "schema", "denied", "database"] as const)
    it(`are repeated for each batch alone after the fault "${fault}", which may be of one table`, async () => {
      const held = new Held();
      for (const partition of [0, 1]) held.store(partition);
      await turn();
      await held.fail(0, new DatabaseUnavailable("refused", fault));
      assert.deepEqual(held.begun.slice(1), [[0], [1]]);
    });

  it("are not repeated without a connection", async () => {
    const held = new Held();
    for (const partition of [0, 1]) held.store(partition);
    await turn();
    await held.fail(0, new DatabaseUnavailable("down", "connection"));
    assert.deepEqual(held.outcomes, ["0 down", "1 down"]);
    assert.equal(held.begun.length, 1);
  });

  it("do not include a batch that must be alone, which waits for no other", async () => {
    const held = new Held();
    held.store(0);
    held.store(1, 1, true);
    held.store(2);
    await turn();
    assert.deepEqual(held.begun, [[1]]);
    held.store(3, 1, true);
    await turn();
    assert.deepEqual(held.begun, [[1], [3]]);
    await held.commit(0);
    await held.commit(1);
    assert.deepEqual(held.begun.at(-1), [0, 2]);
  });

  it("drop what waits of a partition, and end what has begun", async () => {
    const held = new Held();
    held.store(0);
    await turn();
    for (const partition of [1, 2]) held.store(partition);
    for (const partition of [0, 1]) held.transactions.drop("logs_move", partition);
    await turn();
    assert.deepEqual(held.outcomes, ["1 logs_move[1] was given up before its batch was stored"]);
    await held.commit(0);
    assert.deepEqual(held.begun, [[0], [2]]);
  });
});
