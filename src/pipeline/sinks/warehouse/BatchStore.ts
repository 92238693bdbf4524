/** Stores batches of different partitions, and moves their offsets, in one transaction. */
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import type { StoredOffsets } from "../StoredOffsets.ts";
import type { Batch, Storable } from "./Batch.ts";
import type { Part } from "./CommonTransactions.ts";
import type { Partitions } from "./Partitions.ts";
import { isUniqueViolation } from "./RowSet.ts";

interface BatchStoreOptions {
  readonly sql: Sql;
  readonly offsets: StoredOffsets;
  readonly partitions: Partitions;
  readonly batchOf: (messages: readonly Storable[]) => Batch;
}

type Failed = ReadonlyMap<Part<Storable>, Error>;
type Insert = (rows: Batch, tx: SqlRunner) => Promise<void>;

export class BatchStore {
  readonly #options: BatchStoreOptions;

  constructor(options: BatchStoreOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the transaction is committed, to the parts that are not in it: another consumer has their partition. Rejects if
   * nothing was stored.
   */
  async store(parts: readonly Part<Storable>[]): Promise<Failed> {
    const { partitions } = this.#options;
    const rows = this.#rowsOf(parts);
    try {
      await partitions.ensure(rows.days);
      return await this.#insert(parts, rows);
    } catch (error) {
      // Another process may have dropped a partition since this one created it.
      partitions.forget();
      throw error;
    }
  }

  async #insert(parts: readonly Part<Storable>[], rows: Batch): Promise<Failed> {
    try {
      return await this.#commit(parts, rows, (of, tx) => of.insertAsNew(tx));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      return this.#commit(parts, rows, (of, tx) => of.insert(tx));
    }
  }

  /** @param all the rows of all parts. */
  async #commit(parts: readonly Part<Storable>[], all: Batch, insert: Insert): Promise<Failed> {
    const { sql, offsets } = this.#options;
    const ends = parts.map(({ batch }) => batch);
    const lost = await sql.transaction(async (tx) => {
      const lost = await offsets.advanceTogether(tx, ends);
      const kept = parts.filter(({ batch }) => !lost.has(batch));
      if (kept.length > 0) await insert(kept.length === parts.length ? all : this.#rowsOf(kept), tx);
      return lost;
    });
    for (const end of ends) if (!lost.has(end)) offsets.markStored(end);
    return new Map(parts.flatMap((part) => (lost.has(part.batch) ? [[part, lost.get(part.batch)!] as const] : [])));
  }

  #rowsOf(parts: readonly Part<Storable>[]): Batch {
    return this.#options.batchOf(parts.flatMap(({ messages }) => messages));
  }
}
