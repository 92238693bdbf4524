/**
 * The warehouse sink: facts and dimensions in the schema `dw` of PostgreSQL.
 *
 * Acknowledgement contract
 * - When `apply` resolves, every row of the batch and the offset after it are committed in one transaction, whose first
 *   statement is the compare-and-set of the offset. A crash before the commit leaves neither, one after it leaves both.
 * - A row's key is the identity of its event (or of its match, player or queue message), and a row that is there already is left
 *   alone. So repeats, replays from offset 0 and any order of partitions end in the same tables.
 * - A consumer whose partition went to another gets `PartitionLost` before it writes; it continues at the offset stored here, not Kafka's.
 * - What cannot be understood or stored is in `logs_rejected` before the offset moves past it.
 *
 * It must never create a partition or publish within the batch's transaction, and reads no clock but the one it is given.
 *
 * Raw SQL, here and in the files beside this one: the tables follow from the games' events at run time, and rows are loaded in bulk.
 */

import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";
import { utcDay, uuidV7TimeMs } from "../../events/eventDate.ts";
import type { BatchHandler, LogBatch } from "../../log/Log.ts";
import { decodeMessage } from "../decodeMessage.ts";
import { type EventCatalogue, MATCH_TOPIC, QUEUE_TOPIC } from "../eventCatalogue.ts";
import { findUnstorable, isMessageError } from "../findUnstorable.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { Reject, Rejects } from "../rejects.ts";
import type { Sink } from "../runSink.ts";
import { StoredOffsets } from "../StoredOffsets.ts";
import { Batch, type Storable } from "./Batch.ts";
import { ensureTables } from "./ensureTables.ts";
import { Partitions } from "./Partitions.ts";
import { isUniqueViolation } from "./RowSet.ts";
import { SCHEMA } from "./Table.ts";
import { type Tables, tablesOf } from "./tables.ts";

const NAME = "warehouse";
const DAY_MS = 86_400_000;

export interface WarehouseOptions {
  readonly sql: Sql;
  readonly catalogue: EventCatalogue;
  readonly rejects: Rejects;
  /** WAREHOUSE_MOVE_TICKS: moves of every how many ticks are stored. */
  readonly moveTicks: number;
  /** RETENTION_DAYS: days before today that are kept; null keeps all. */
  readonly retentionDays: number | null;
  /** Unix ms. */
  readonly now: () => number;
  /** MatchMessage of offsets that the log lost before they were read. */
  readonly warn: (line: string) => void;
}

export function warehouseSink(options: WarehouseOptions): Sink {
  const facts = [...options.catalogue.facts.keys()];
  return { name: NAME, topics: [...facts, MATCH_TOPIC, QUEUE_TOPIC], handler: new WarehouseHandler(options) };
}

/** Each batch is a transaction, and nobody waits for facts. */
const GATHER_MS = 500;

class WarehouseHandler implements BatchHandler {
  readonly gatherMs = GATHER_MS;
  readonly #options: WarehouseOptions;
  readonly #tables: Tables;
  readonly #offsets: StoredOffsets;
  readonly #partitions: Partitions;
  #schemaReady: Promise<void> | null = null;
  #maintainedDay = "";

  constructor(options: WarehouseOptions) {
    this.#options = options;
    this.#tables = tablesOf(options.catalogue);
    this.#offsets = new StoredOffsets(options.sql, SCHEMA, NAME);
    this.#partitions = new Partitions(options.sql, this.#tables.all);
  }

  async assigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    await this.#ensureTablesOnce();
    return this.#offsets.assigned(topic, partition, topicId);
  }

  async apply(batch: LogBatch): Promise<void> {
    if (this.#offsets.covers(batch)) return;
    const { storable, rejected } = this.#decode(batch);
    await this.#options.rejects.publish(rejected);
    try {
      await this.#store(batch, storable);
    } catch (error) {
      // A partition that we knew may have been dropped by another process.
      this.#partitions.forget();
      if (!isMessageError(error)) throw error;
      await this.#storeRest(batch, storable);
    }
  }

  skipped(topic: string, partition: number, from: bigint, to: bigint): void {
    this.#options.warn(`sink ${NAME}: the log no longer has offsets ${from} to ${to - 1n} of ${topic}[${partition}]`);
  }

  async revoked(topic: string, partition: number): Promise<void> {
    this.#offsets.revoked(topic, partition);
  }

  /** Once a day: the partitions to come, and the days that are too old. */
  async idle(): Promise<void> {
    const today = utcDay(this.#options.now());
    if (today === this.#maintainedDay || this.#schemaReady === null) return;
    await this.#schemaReady;
    await this.#partitions.ahead(this.#options.now());
    if (this.#options.retentionDays !== null) await this.#partitions.dropBefore(this.#oldestDay());
    this.#maintainedDay = today;
  }

  #ensureTablesOnce(): Promise<void> {
    this.#schemaReady ??= ensureTables(this.#options.sql, this.#tables.all)
      .then(() => this.#partitions.ahead(this.#options.now()))
      .catch((error) => {
        this.#schemaReady = null;
        throw error;
      });
    return this.#schemaReady;
  }

  #oldestDay(): string {
    const { retentionDays, now } = this.#options;
    return retentionDays === null ? "" : utcDay(now() - retentionDays * DAY_MS);
  }

  #decode(batch: LogBatch): { storable: Storable[]; rejected: Reject[] } {
    const storable: Storable[] = [];
    const rejected: Reject[] = [];
    const newestMs = this.#options.now() + DAY_MS;
    for (const message of batch.messages) {
      if (!isMeantFor(NAME, message)) continue;
      const decoded = decodeMessage(message, this.#options.catalogue);
      if (decoded.type === "rejected") rejected.push(decoded);
      else if (decoded.type === "stats") continue;
      // Every day becomes a partition of each table: none is made for a time that cannot be.
      else if (uuidV7TimeMs(decoded.type === "tick" ? decoded.value.matchId : decoded.id) > newestMs)
        rejected.push({ message, reason: "refused", detail: "the id's time lies more than a day ahead" });
      else storable.push(decoded);
    }
    return { storable, rejected };
  }

  #batchOf(messages: readonly Storable[]): Batch {
    const { moveTicks } = this.#options;
    return new Batch({ tables: this.#tables, moveTicks, oldestDay: this.#oldestDay() }, messages);
  }

  async #store(batch: LogBatch, messages: readonly Storable[]): Promise<void> {
    const rows = this.#batchOf(messages);
    await this.#partitions.ensure(rows.days);
    try {
      await this.#commit(batch, (tx) => rows.insertAsNew(tx));
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      await this.#commit(batch, (tx) => rows.insert(tx));
    }
    this.#offsets.committed(batch);
  }

  async #commit(batch: LogBatch, insert: (tx: SqlRunner) => Promise<void>): Promise<void> {
    await this.#options.sql.transaction(async (tx) => {
      await this.#offsets.advance(tx, batch);
      await insert(tx);
    });
  }

  async #storeRest(batch: LogBatch, messages: readonly Storable[]): Promise<void> {
    await this.#partitions.ensure(this.#batchOf(messages).days);
    const { refused, rest } = await findUnstorable(this.#options.sql, messages, (tx, message) =>
      this.#batchOf([message]).insert(tx),
    );
    await this.#options.rejects.publish(refused);
    await this.#store(batch, rest);
  }
}
