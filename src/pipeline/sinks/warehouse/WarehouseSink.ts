/**
 * The warehouse sink: stores facts and dimensions in the schema `dw` of PostgreSQL. It creates no partition and publishes nothing
 * within a batch's transaction, and uses no clock but `now`.
 *
 * Acknowledgement contract
 * - When `apply` resolves, every row of the batch and the offset after it are committed: usually in one transaction, which stores
 *   batches of other partitions too (`CommonTransactions.ts`), otherwise in several, one after another (`storeInParts.ts`). Each
 *   begins with the compare-and-set of the offsets. A crash before a commit leaves neither its rows nor its offsets, a crash after it
 *   leaves both.
 * - Idempotent: a row's key is the identity of its event (or of its match, player, connection or message), and an existing fact is
 *   not changed. So repeats, replays from offset 0 and any order of partitions lead to the same tables.
 * - A consumer that has lost its partition gets `PartitionLost` before it writes anything of it. The next one continues at the offset
 *   stored here, not at Kafka's.
 * - A batch that cannot be stored keeps no other partition from being stored.
 * - A message that cannot be decoded or stored is published to `logs_rejected` before the offset moves past it.
 *
 * Raw SQL is used in this folder, because the tables depend on the games' events at run time, and rows are inserted in bulk.
 */
import type { Sql } from "../../../platform/sql/Sql.ts";
import { utcDay, uuidV7TimeMs } from "../../events/eventDate.ts";
import { type BatchHandler, type LogBatch, type LogMessage, PartitionLost } from "../../log/EventLog.ts";
import { ColumnDecoder } from "../columns/ColumnDecoder.ts";
import { type EventCatalogue, MATCH_TOPIC } from "../eventCatalogue.ts";
import { RecurringTask } from "../RecurringTask.ts";
import { isMeantFor } from "../redriveHeader.ts";
import type { Reject, Rejects } from "../rejects.ts";
import type { Retention, RetentionOptions } from "../retention/Retention.ts";
import type { Sink } from "../runSink.ts";
import { StoredOffsets } from "../StoredOffsets.ts";
import { storeInParts } from "../storeInParts.ts";
import { Batch, dayOf, latestTimeOf, MOVE_TOPIC, rowsOf, type Storable } from "./Batch.ts";
import { BatchStore } from "./BatchStore.ts";
import { CommonTransactions } from "./CommonTransactions.ts";
import { ensureTables } from "./ensureTables.ts";
import { Partitions } from "./Partitions.ts";
import { SCHEMA } from "./Table.ts";
import { messageTables, type Tables, tablesOf } from "./tables.ts";
import { type ViewUpdateOptions, ViewUpdates } from "./ViewUpdates.ts";
import { warehouseRetention } from "./warehouseRetention.ts";

const NAME = "warehouse";
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

export interface WarehouseOptions extends RetentionOptions, ViewUpdateOptions {
  readonly sql: Sql;
  readonly catalogue: EventCatalogue;
  readonly rejects: Rejects;
  /** WAREHOUSE_MOVE_TICKS: only the moves of ticks that are a multiple of this are stored. */
  readonly moveTicks: number;
  /** Called regularly: with a line while facts are missing that an operator must restore, otherwise with null. */
  readonly reportMissing?: (line: string | null) => void;
  /** The name under which the sink stores its offsets; default: the name of the sink. */
  readonly offsetsName?: string;
}

export function warehouseSink(options: WarehouseOptions): Sink {
  const facts = [...options.catalogue.facts.keys()];
  const topics = [...facts, MATCH_TOPIC, ...Object.keys(messageTables)];
  return { name: NAME, topics, handler: new WarehouseHandler(options) };
}

/** Larger batches, and fewer transactions, are cheaper. A second of latency does not matter for facts. */
const MAX_BATCH_DELAY_MS = 1000;

class WarehouseHandler implements BatchHandler {
  readonly maxBatchDelayMs = MAX_BATCH_DELAY_MS;
  readonly storesTogether = true;
  readonly #options: WarehouseOptions;
  readonly #tables: Tables;
  readonly #decoder: ColumnDecoder;
  readonly #offsets: StoredOffsets;
  readonly #partitions: Partitions;
  readonly #transactions: CommonTransactions<Storable>;
  /** Topic and partition of the batches that failed. They share no transaction until all of such a batch is stored. */
  readonly #failed = new Set<string>();
  #schemaReady: Promise<void> | null = null;
  readonly #maintenance: RecurringTask;
  readonly #viewUpdates: RecurringTask;
  readonly #retention: Retention;
  /** Number of messages of days that retention has deleted, since the most recent log line about them. */
  #leftOut = 0;

  constructor(options: WarehouseOptions) {
    this.#options = options;
    this.#tables = tablesOf(options.catalogue);
    this.#decoder = new ColumnDecoder(options.catalogue);
    this.#offsets = new StoredOffsets(options.sql, SCHEMA, options.offsetsName ?? NAME, options.warn);
    this.#partitions = new Partitions(options.sql, this.#tables.all);
    const batchOf = (messages: readonly Storable[]) => this.#batchOf(messages);
    const store = new BatchStore({ sql: options.sql, offsets: this.#offsets, partitions: this.#partitions, batchOf });
    this.#transactions = new CommonTransactions((parts) => store.store(parts));
    this.#retention = warehouseRetention(options.sql, this.#partitions, options);
    const ensureAhead = () => this.#partitions.ensureAhead(options.now());
    this.#maintenance = new RecurringTask(`sink ${NAME}: creating the partitions of the next days`, ensureAhead, {
      ...{ periodMs: DAY_MS, now: options.now, warn: options.warn },
    });
    const views = new ViewUpdates(options.sql, options);
    this.#viewUpdates = new RecurringTask(`sink ${NAME}: updating the views`, () => views.run(), {
      ...{ periodMs: MINUTE_MS, now: options.now, warn: options.warn },
    });
  }

  async onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    await this.#ensureTablesOnce();
    return this.#offsets.load(topic, partition, topicId);
  }

  async apply(batch: LogBatch): Promise<void> {
    if (this.#offsets.covers(batch)) return;
    const { storable, rejected } = this.#decode(batch);
    const { rejects } = this.#options;
    await rejects.publish(rejected);
    await storeInParts(batch, [storable], { rejects, store: (part, messages) => this.#store(part, messages) });
    this.#failed.delete(keyOf(batch));
  }

  onSkipped(topic: string, partition: number, from: bigint, to: bigint): void {
    this.#offsets.skipped.notice({ topic, partition, firstOffset: from, nextOffset: to });
    this.#options.warn(
      `sink ${NAME}: skipped offsets ${from} to ${to - 1n} of ${topic}[${partition}], which the log no longer has`,
    );
  }

  onRevoking(topic: string, partition: number): void {
    this.#transactions.drop(topic, partition);
  }

  async onRevoked(topic: string, partition: number): Promise<void> {
    this.#offsets.forget(topic, partition);
  }

  async onIdle(): Promise<void> {
    if (this.#schemaReady === null) return;
    await this.#schemaReady;
    await this.#maintenance.runIfDue();
    await this.#viewUpdates.runIfDue();
    await this.#retention.runIfDue();
    this.#reportLeftOut();
    await this.#offsets.storeSkipped();
    await this.#offsets.verify();
    await this.#offsets.skipped.reportTo(this.#options.reportMissing);
  }

  #reportLeftOut(): void {
    const [count, day] = [this.#leftOut, this.#retention.deletedBefore];
    if (count === 0) return;
    this.#leftOut = 0;
    this.#options.warn(`sink ${NAME}: left out ${count} messages of days before ${day}, which retention has deleted`);
  }

  #ensureTablesOnce(): Promise<void> {
    this.#schemaReady ??= ensureTables(this.#options.sql, this.#tables.all)
      .then(() => this.#viewUpdates.runIfDue())
      .then(() => this.#partitions.ensureAhead(this.#options.now()))
      .then(() => this.#retention.load())
      .catch((error) => {
        this.#schemaReady = null;
        throw error;
      });
    return this.#schemaReady;
  }

  #decode(batch: LogBatch): { storable: Storable[]; rejected: Reject[] } {
    const storable: Storable[] = [];
    const rejected: Reject[] = [];
    const nowMs = this.#options.now();
    const oldestDay = this.#retention.deletedBefore;
    const decode = this.#decoder.startBatch();
    for (const message of batch.messages) {
      this.#retention.readMessage(message.appendedAt);
      if (!isMeantFor(NAME, message) || this.#isDropped(message, oldestDay, nowMs)) continue;
      const decoded = decode(message);
      if (decoded.type === "rejected") rejected.push(decoded);
      else if (decoded.type === "stats") continue;
      else if (dayOf(decoded) < oldestDay) this.#leftOut++;
      // Every day becomes a partition of each table, so none is created for an impossible time.
      else if (latestTimeOf(decoded) > latestTimeOfMatches(message, nowMs))
        rejected.push({ message, reason: "refused", detail: "the time in the id is more than a day in the future" });
      else storable.push(decoded);
    }
    return { storable, rejected };
  }

  /**
   * Whether the message has only moves that are not stored. Then its events are not decoded. A message that would be rejected or
   * counted for another reason than its events is decoded.
   */
  #isDropped(message: LogMessage, oldestDay: string, nowMs: number): boolean {
    const head = message.topic === MOVE_TOPIC ? this.#decoder.readHead(message) : null;
    if (head === null || head.tick % this.#options.moveTicks === 0) return false;
    const timeMs = uuidV7TimeMs(head.match.matchId);
    return timeMs <= latestTimeOfMatches(message, nowMs) && utcDay(timeMs) >= oldestDay;
  }

  #batchOf(messages: readonly Storable[]): Batch {
    const deletedBefore = this.#retention.deletedBefore;
    return new Batch({ tables: this.#tables, moveTicks: this.#options.moveTicks, deletedBefore }, messages);
  }

  async #store(batch: LogBatch, messages: readonly Storable[]): Promise<void> {
    const key = keyOf(batch);
    const rows = messages.reduce((sum, message) => sum + rowsOf(message), 0);
    try {
      await this.#transactions.store({ batch, messages, rows }, this.#failed.has(key));
    } catch (error) {
      if (!(error instanceof PartitionLost)) this.#failed.add(key);
      throw error;
    }
  }
}

function keyOf({ topic, partition }: LogBatch): string {
  return `${topic} ${partition}`;
}

/** Latest time in the id of a match. Only one of the clocks may be wrong. */
function latestTimeOfMatches({ appendedAt }: LogMessage, nowMs: number): number {
  return Math.max(nowMs, appendedAt) + DAY_MS;
}
