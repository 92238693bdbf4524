/**
 * Stores batches of different partitions in common transactions: with little data, a transaction costs more than its rows.
 *
 * A transaction begins as soon as none runs, or when the waiting batches fill it. So a batch waits only for the batches of the same turn,
 * and for a transaction that runs already. Each batch has its own outcome. If a transaction fails because of what it stores, each of its
 * batches is stored again in a transaction of its own, so that the caller can treat the one that is the cause.
 */
import { isUnavailable } from "../../../platform/sql/DatabaseUnavailable.ts";
import { type LogBatch, PartitionLost } from "../../log/EventLog.ts";

/** Rows of one transaction. A batch with more is not divided: it has a transaction of its own. */
export const ROWS_MAX = 10_000;
/** As many as the database has connections. Only full transactions, and those of a single batch, run beside others. */
const TRANSACTIONS_MAX = 8;

/** A batch, or a part of one, and what is to be stored of it. */
export interface Part<D> {
  readonly batch: LogBatch;
  readonly messages: readonly D[];
  /** Number of rows, about. */
  readonly rows: number;
}

/** Stores the parts in one transaction. Returns why parts were not stored although the transaction was committed. */
export type Transact<D> = (parts: readonly Part<D>[]) => Promise<ReadonlyMap<Part<D>, Error>>;

interface Waiting<D> {
  readonly part: Part<D>;
  isAlone: boolean;
  readonly outcome: PromiseWithResolvers<void>;
}

export class CommonTransactions<D> {
  readonly #store: Transact<D>;
  #waiting: Waiting<D>[] = [];
  #running = 0;
  #isGathering = false;

  constructor(store: Transact<D>) {
    this.#store = store;
  }

  /**
   * Resolves when the part is committed. Rejects with the reason if it is not stored.
   * @param isAlone whether it must not share a transaction, because it may make it fail.
   */
  store(part: Part<D>, isAlone: boolean): Promise<void> {
    const outcome = Promise.withResolvers<void>();
    this.#waiting.push({ part, isAlone, outcome });
    if (!this.#isGathering) {
      this.#isGathering = true;
      setImmediate(() => {
        this.#isGathering = false;
        this.#begin();
      });
    }
    return outcome.promise;
  }

  /** What waits of this partition is not stored: `store` rejects with `PartitionLost`. */
  drop(topic: string, partition: number): void {
    const isDropped = ({ part: { batch } }: Waiting<D>) => batch.topic === topic && batch.partition === partition;
    const dropped = this.#waiting.filter(isDropped);
    this.#waiting = this.#waiting.filter((one) => !isDropped(one));
    const reason = new PartitionLost(`${topic}[${partition}] was given up before its batch was stored`);
    for (const { outcome } of dropped) outcome.reject(reason);
  }

  #begin(): void {
    while (this.#running < TRANSACTIONS_MAX && this.#isDue()) void this.#run(this.#take());
  }

  #isDue(): boolean {
    if (this.#waiting.length === 0) return false;
    const rows = this.#waiting.reduce((sum, { part }) => sum + part.rows, 0);
    return this.#running === 0 || rows >= ROWS_MAX || this.#waiting.some(({ isAlone }) => isAlone);
  }

  /** Takes what the next transaction stores: the batches that have waited for longest. */
  #take(): Waiting<D>[] {
    const alone = this.#waiting.find(({ isAlone }) => isAlone);
    if (alone !== undefined) {
      this.#waiting = this.#waiting.filter((one) => one !== alone);
      return [alone];
    }
    let rows = 0;
    const end = this.#waiting.findIndex(({ part }, at) => (rows += part.rows) > ROWS_MAX && at > 0);
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end);
  }

  async #run(taken: readonly Waiting<D>[]): Promise<void> {
    this.#running++;
    try {
      const failed = await this.#store(taken.map(({ part }) => part));
      for (const { part, outcome } of taken) {
        const reason = failed.get(part);
        if (reason === undefined) outcome.resolve();
        else outcome.reject(reason);
      }
    } catch (error) {
      // Without a connection, no other transaction would succeed either. Any other fault may be of one table.
      const isFinal = taken.length === 1 || (isUnavailable(error) && error.fault === "connection");
      for (const one of taken) {
        one.isAlone = true;
        if (isFinal) one.outcome.reject(error);
        else this.#waiting.push(one);
      }
    } finally {
      this.#running--;
      this.#begin();
    }
  }
}
