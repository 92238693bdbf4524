/**
 * The offsets that a sink stores in its own database, in the table `sink_offsets` of its schema.
 *
 * `advance` or `advanceTogether` comes first in the transaction that stores the effect of batches. It locks the row and moves the offset by
 * compare-and-set. So of two consumers of one partition, only one commits. The other waits for the lock, finds that the offset
 * has moved, and writes nothing.
 */
import { and, asc, eq, sql as fragment, isNull, ne } from "drizzle-orm";
import { bigint, integer, pgSchema, text } from "drizzle-orm/pg-core";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { type LogBatch, PartitionLost, Unrecoverable } from "../log/EventLog.ts";
import { SkippedOffsets } from "./SkippedOffsets.ts";

/** Raw SQL: drizzle's builder does not create tables. `next_offset` is null until the first batch is stored. */
export const OFFSETS_COLUMNS = `sink text, topic text, partition integer, topic_id text NOT NULL, next_offset bigint,
  PRIMARY KEY (sink, topic, partition)`;

function offsetsOf(schema: string) {
  return pgSchema(schema).table("sink_offsets", {
    sink: text("sink").notNull(),
    topic: text("topic").notNull(),
    partition: integer("partition").notNull(),
    topicId: text("topic_id").notNull(),
    nextOffset: bigint("next_offset", { mode: "bigint" }),
  });
}

const CHANGED_CALLS = 5;

/** The end of a batch. */
type End = Pick<LogBatch, "topic" | "partition" | "topicId" | "nextOffset">;

export class StoredOffsets {
  readonly #sql: Sql;
  readonly #offsets: ReturnType<typeof offsetsOf>;
  readonly #sink: string;
  readonly #onMovedBack: (line: string) => void;
  /** The offsets that this consumer read or stored last, by topic and partition. */
  readonly #positions = new Map<string, bigint | null>();
  /** The last stored offset of each partition that this process knows, by topic, topic id and partition; kept by `forget`. */
  readonly #reached = new Map<string, bigint>();
  /** By topic and partition. */
  readonly #topicIds = new Map<string, string>();
  /** Stored offsets that `verify` has found to differ from the position, and in how many calls. */
  readonly #changed = new Map<string, { readonly nextOffset: bigint | null; readonly calls: number }>();
  readonly skipped: SkippedOffsets;

  /** @param onMovedBack is called with a log line if a stored offset is lower than before: the database was restored. */
  constructor(sql: Sql, schema: string, sink: string, onMovedBack: (line: string) => void = () => {}) {
    this.#sql = sql;
    this.#offsets = offsetsOf(schema);
    this.#sink = sink;
    this.#onMovedBack = onMovedBack;
    this.skipped = new SkippedOffsets(sql, schema, sink);
  }

  /**
   * Reads the partition's stored offset from the database. Throws `Unrecoverable` if the topic was deleted and recreated since it
   * was stored.
   */
  async load(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    const offsets = this.#offsets;
    await this.#sql.orm
      .insert(offsets)
      .values({ sink: this.#sink, topic, partition, topicId })
      .onConflictDoUpdate({
        target: [offsets.sink, offsets.topic, offsets.partition],
        set: { topicId },
        setWhere: and(isNull(offsets.nextOffset), ne(offsets.topicId, topicId)),
      });
    const [stored] = await this.#sql.orm
      .select({ topicId: offsets.topicId, nextOffset: offsets.nextOffset })
      .from(offsets)
      .where(this.#isRow(topic, partition));
    if (stored === undefined)
      throw new PartitionLost(`the stored offset of ${topic}[${partition}] was deleted by another process`);
    if (stored.topicId !== topicId)
      throw new Unrecoverable(
        `topic ${topic} was deleted and recreated (stored id ${stored.topicId}, current id ${topicId}), or it is the topic of ` +
          "another installation: check NAMESPACE, KAFKA_BROKERS and DATABASE_URL; docs/lake.md says how to continue after a topic was recreated",
      );
    this.#positions.set(`${topic} ${partition}`, stored.nextOffset);
    this.#topicIds.set(`${topic} ${partition}`, topicId);
    const hasStored = this.#compareWithReached(topic, partition, stored);
    // Without a stored offset, reading would begin at the log's earliest message, and deleted messages would not be reported.
    return stored.nextOffset ?? (hasStored ? 0n : null);
  }

  /**
   * Throws `PartitionLost` if a stored offset is no longer the one that this consumer read or stored last. Call it about once a
   * second, when no batch is being stored: without new messages, nothing else shows that the database was restored from a backup.
   * An offset that moves belongs to another consumer or to a rebuild, so it must have stood still for some calls. Does nothing
   * while the database is unavailable.
   */
  async verify(): Promise<void> {
    const { topic, partition, nextOffset, sink } = this.#offsets;
    const rows = await this.#sql.orm
      .select({ topic, partition, nextOffset })
      .from(this.#offsets)
      .where(eq(sink, this.#sink))
      .catch(() => null);
    for (const { topic, partition, nextOffset } of rows ?? []) {
      const key = `${topic} ${partition}`;
      const position = this.#positions.get(key);
      if (position === undefined || position === nextOffset) {
        this.#changed.delete(key);
        continue;
      }
      const before = this.#changed.get(key);
      const calls = before?.nextOffset === nextOffset ? before.calls + 1 : 1;
      this.#changed.set(key, { nextOffset, calls });
      if (calls < CHANGED_CALLS) continue;
      this.#changed.clear();
      throw new PartitionLost(`sink ${this.#sink}: the stored offset of ${topic}[${partition}] was changed`);
    }
  }

  /**
   * Stores which offsets were skipped, and moves the stored offsets past them. Call it when no batch is being stored: there may be
   * none for a long time. Does nothing while the database is unavailable.
   */
  async storeSkipped(): Promise<void> {
    for (const skipped of this.skipped.noticed()) {
      const topicId = this.#topicIds.get(`${skipped.topic} ${skipped.partition}`);
      if (topicId === undefined) continue;
      const end = { ...skipped, topicId };
      try {
        await this.#sql.transaction((tx) => this.advance(tx, end));
        this.markStored(end);
      } catch (error) {
        if (error instanceof PartitionLost) throw error;
      }
    }
  }

  /** Whether the whole batch is stored already. */
  covers({ topic, partition, nextOffset }: LogBatch): boolean {
    const position = this.#position(topic, partition);
    return position !== null && nextOffset <= position;
  }

  /**
   * Moves the stored offset to the batch's end within `tx`, and stores which offsets were skipped before it. Throws
   * `PartitionLost` if another consumer has moved the offset.
   */
  async advance(tx: SqlRunner, { topic, partition, topicId, nextOffset }: End): Promise<void> {
    const offsets = this.#offsets;
    const isUnmoved = fragment`${offsets.nextOffset} is not distinct from ${this.#position(topic, partition)}::bigint`;
    const { rowCount } = await tx.orm
      .update(offsets)
      .set({ nextOffset })
      .where(and(this.#isRow(topic, partition), eq(offsets.topicId, topicId), isUnmoved));
    if (rowCount === 0) throw this.#lost(topic, partition);
    await this.skipped.store(tx, topic, partition);
  }

  /**
   * Moves the stored offsets of different partitions to the ends of their batches within `tx`, like `advance`. Returns the ends that it
   * has not moved, because another consumer has moved the offset or the partition is no longer assigned: nothing of these batches may
   * be stored. The rows are locked in the order of their key, so two processes that share partitions cannot deadlock.
   */
  async advanceTogether<E extends End>(tx: SqlRunner, ends: readonly E[]): Promise<Map<E, PartitionLost>> {
    if (ends.length === 1) return this.#advanceOne(tx, ends[0]);
    const unmoved = await this.#lockUnmoved(tx, ends);
    const moving = ends.filter((end) => unmoved.has(end));
    if (moving.length > 0) await this.#move(tx, moving);
    for (const { topic, partition } of moving) await this.skipped.store(tx, topic, partition);
    const lost = ends.filter((end) => !unmoved.has(end));
    return new Map(lost.map((end) => [end, this.#lost(end.topic, end.partition)]));
  }

  /** Needs one statement less. */
  async #advanceOne<E extends End>(tx: SqlRunner, end: E): Promise<Map<E, PartitionLost>> {
    try {
      await this.advance(tx, end);
      return new Map();
    } catch (error) {
      if (error instanceof PartitionLost) return new Map([[end, error]]);
      throw error;
    }
  }

  async #lockUnmoved<E extends End>(tx: SqlRunner, ends: readonly E[]): Promise<Set<E>> {
    const { topic, partition, topicId, nextOffset, sink } = this.#offsets;
    const { topics, partitions } = columnsOf(ends);
    const rows = await tx.orm
      .select({ topic, partition, topicId, nextOffset })
      .from(this.#offsets)
      .where(
        and(
          eq(sink, this.#sink),
          fragment`(${topic}, ${partition}) in (select * from unnest(${topics}::text[], ${partitions}::integer[]))`,
        ),
      )
      .orderBy(asc(topic), asc(partition))
      .for("update");
    const stored = new Map(rows.map((row) => [`${row.topic} ${row.partition}`, row]));
    const isUnmoved = (end: E): boolean => {
      const key = `${end.topic} ${end.partition}`;
      const row = stored.get(key);
      return row !== undefined && row.topicId === end.topicId && row.nextOffset === this.#positions.get(key);
    };
    return new Set(ends.filter(isUnmoved));
  }

  /** Moves offsets whose rows are locked. */
  async #move(tx: SqlRunner, ends: readonly End[]): Promise<void> {
    const { topics, partitions, nextOffsets } = columnsOf(ends);
    const moved = fragment`unnest(${topics}::text[], ${partitions}::integer[], ${nextOffsets}::bigint[]) as moved (topic, partition, next_offset)`;
    const { topic, partition, sink } = this.#offsets;
    await tx.orm
      .update(this.#offsets)
      .set({ nextOffset: fragment`moved.next_offset` })
      .from(moved)
      .where(and(eq(sink, this.#sink), eq(topic, fragment`moved.topic`), eq(partition, fragment`moved.partition`)));
  }

  /** Call this after the transaction of `advance` is committed. */
  markStored({ topic, partition, topicId, nextOffset }: End): void {
    this.#positions.set(`${topic} ${partition}`, nextOffset);
    this.#reached.set(`${topic} ${topicId} ${partition}`, nextOffset);
    this.skipped.markStored(topic, partition);
  }

  forget(topic: string, partition: number): void {
    this.#positions.delete(`${topic} ${partition}`);
    this.skipped.forget(topic, partition);
  }

  /** Returns whether this process has stored anything of the partition. */
  #compareWithReached(
    topic: string,
    partition: number,
    { topicId, nextOffset }: { readonly topicId: string; readonly nextOffset: bigint | null },
  ): boolean {
    const key = `${topic} ${topicId} ${partition}`;
    const reached = this.#reached.get(key);
    if (reached !== undefined && (nextOffset ?? 0n) < reached)
      this.#onMovedBack(
        `sink ${this.#sink}: the stored offset of ${topic}[${partition}] went back from ${reached} to ${nextOffset ?? 0n}, because the database was restored from a backup or is being rebuilt; the later messages are stored again. docs/restore.md says what is lost after a restore`,
      );
    if (nextOffset !== null) this.#reached.set(key, nextOffset);
    return this.#reached.has(key);
  }

  #lost(topic: string, partition: number): PartitionLost {
    return new PartitionLost(`sink ${this.#sink} lost ${topic}[${partition}]: another process consumes it`);
  }

  #isRow(topic: string, partition: number) {
    const offsets = this.#offsets;
    return and(eq(offsets.sink, this.#sink), eq(offsets.topic, topic), eq(offsets.partition, partition));
  }

  #position(topic: string, partition: number): bigint | null {
    const position = this.#positions.get(`${topic} ${partition}`);
    if (position === undefined) throw new Error(`${topic}[${partition}] is not assigned to ${this.#sink}`);
    return position;
  }
}

/** Parameters that are lists. */
function columnsOf(ends: readonly End[]) {
  return {
    topics: fragment.param(ends.map(({ topic }) => topic)),
    partitions: fragment.param(ends.map(({ partition }) => partition)),
    nextOffsets: fragment.param(ends.map(({ nextOffset }) => nextOffset)),
  };
}
