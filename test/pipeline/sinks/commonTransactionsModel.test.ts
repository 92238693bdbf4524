/**
 * Common transactions in random orders, with batches that cannot be stored, partitions that another consumer takes or that are given
 * up, and a database that is lost, compared with what one transaction for each batch may do.
 */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { type LogBatch, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { CommonTransactions, type Part, ROWS_MAX } from "../../../src/pipeline/sinks/warehouse/CommonTransactions.ts";
import { DatabaseUnavailable } from "../../../src/platform/sql/DatabaseUnavailable.ts";

const PARTITIONS = 6;

type Command =
  | { readonly kind: "deliver"; readonly partition: number; readonly rows: number; readonly isBad: boolean }
  | { readonly kind: "end"; readonly at: number; readonly isLost: boolean }
  | { readonly kind: "take"; readonly partition: number }
  | { readonly kind: "drop"; readonly partition: number }
  | { readonly kind: "turn" };

const partition = fc.nat(PARTITIONS - 1);
const commands = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        ...{ kind: fc.constant("deliver" as const), partition },
        rows: fc.constantFrom(0, 1, 10, ROWS_MAX / 2, ROWS_MAX, 2 * ROWS_MAX),
        isBad: fc.nat(9).map((n) => n === 0),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...{ kind: fc.constant("end" as const), at: fc.nat(7), isLost: fc.nat(9).map((n) => n === 0) },
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("take" as const), partition }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("drop" as const), partition }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant("turn" as const) }) },
  ),
  { maxLength: 80 },
);

/** A database with an offset for each partition, its transactions, and a consumer that has one batch of each partition at most. */
class Model {
  readonly offsets = Array(PARTITIONS).fill(0n) as bigint[];
  /** By partition: the offsets at which the stored batches of this consumer begin. */
  readonly stored = Array.from({ length: PARTITIONS }, () => [] as bigint[]);
  readonly resolved = Array.from({ length: PARTITIONS }, () => [] as bigint[]);
  /** The offset that the consumer knows. */
  readonly #known = Array(PARTITIONS).fill(0n) as bigint[];
  readonly #bad = new Set<LogBatch>();
  readonly #pending = new Set<number>();
  #open: { readonly parts: readonly Part<never>[]; readonly end: PromiseWithResolvers<boolean> }[] = [];
  readonly #transactions = new CommonTransactions<never>(async (parts) => {
    assert.ok(parts.length === 1 || parts.reduce((sum, { rows }) => sum + rows, 0) <= ROWS_MAX);
    assert.equal(new Set(parts.map(({ batch }) => batch.partition)).size, parts.length);
    const end = Promise.withResolvers<boolean>();
    this.#open.push({ parts, end });
    if (await end.promise) throw new DatabaseUnavailable("down", "connection");
    if (parts.some(({ batch }) => this.#bad.has(batch))) throw new Error("bad row");
    return this.#commit(parts);
  });

  #commit(parts: readonly Part<never>[]): Map<Part<never>, Error> {
    const lost = new Map<Part<never>, Error>();
    for (const part of parts) {
      const { partition, firstOffset, nextOffset } = part.batch;
      if (this.offsets[partition] !== firstOffset) lost.set(part, new PartitionLost("lost"));
      else {
        this.offsets[partition] = nextOffset;
        this.stored[partition].push(firstOffset);
      }
    }
    return lost;
  }

  run(command: Command): Promise<void> | void {
    if (command.kind === "turn") return turn();
    if (command.kind === "deliver") return this.#deliver(command);
    if (command.kind === "take") this.offsets[command.partition] += 1000n;
    else if (command.kind === "drop") this.#transactions.drop("logs_move", command.partition);
    else this.#end(command.at, command.isLost);
  }

  #end(at: number, isLost: boolean): void {
    const [one] = this.#open.splice(at % Math.max(1, this.#open.length), 1);
    one?.end.resolve(isLost);
  }

  #deliver({ partition, rows, isBad }: Extract<Command, { kind: "deliver" }>): void {
    if (this.#pending.has(partition)) return;
    this.#pending.add(partition);
    const firstOffset = this.#known[partition];
    const offsets = { firstOffset, nextOffset: firstOffset + 1n, endOffset: firstOffset + 1n };
    const batch = { topic: "logs_move", partition, topicId: "t", messages: [], ...offsets };
    if (isBad) this.#bad.add(batch);
    const settled = this.#transactions.store({ batch, messages: [], rows }, false).then(
      () => {
        assert.ok(!isBad);
        this.resolved[partition].push(firstOffset);
        this.#known[partition] = firstOffset + 1n;
      },
      (error: Error) => {
        if (error.message === "bad row") assert.ok(isBad, "only the batch that cannot be stored fails because of it");
        if (error.message === "lost") assert.notEqual(this.offsets[partition], firstOffset);
        // As a consumer does after a failure.
        this.#known[partition] = this.offsets[partition];
      },
    );
    this.failures.push(settled.then(() => void this.#pending.delete(partition)));
  }

  readonly failures: Promise<void>[] = [];

  /** Ends all transactions. Resolves when every batch has its outcome. */
  async finish(): Promise<void> {
    while (this.#pending.size > 0) {
      await turn();
      while (this.#open.length > 0) this.#end(0, false);
    }
    await Promise.all(this.failures);
  }
}

describe("the common transactions of batches, in random orders", () => {
  it("store each batch once or not at all, and say which", async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (all) => {
        const model = new Model();
        for (const command of all) await model.run(command);
        await model.finish();
        assert.deepEqual(model.resolved, model.stored);
        for (const offsets of model.stored) assert.deepEqual(offsets, [...new Set(offsets)]);
      }),
      { numRuns: 500 },
    );
  });
});
