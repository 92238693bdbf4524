/**
 * The offsets that a sink stores in its own database, in the table `sink_offsets` of its schema.
 *
 * `advance` is the first statement of the transaction that stores a batch's effect. It locks the row and moves the offset by
 * compare-and-set. So of two consumers of one partition, only one commits. The other waits for the lock, finds that the offset
 * has moved, and writes nothing.
 */
import { and, eq, sql as fragment, isNull, ne } from "drizzle-orm";
import { bigint, integer, pgSchema, text } from "drizzle-orm/pg-core";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { type LogBatch, PartitionLost, Unrecoverable } from "../log/EventLog.ts";

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

export class StoredOffsets {
  readonly #sql: Sql;
  readonly #offsets: ReturnType<typeof offsetsOf>;
  readonly #sink: string;
  /** The offsets that this consumer read or stored last, by topic and partition. */
  readonly #positions = new Map<string, bigint | null>();

  constructor(sql: Sql, schema: string, sink: string) {
    this.#sql = sql;
    this.#offsets = offsetsOf(schema);
    this.#sink = sink;
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
    return stored.nextOffset;
  }

  /** Whether the whole batch is stored already. */
  covers({ topic, partition, nextOffset }: LogBatch): boolean {
    const position = this.#position(topic, partition);
    return position !== null && nextOffset <= position;
  }

  /** Moves the stored offset to the batch's end within `tx`. Throws `PartitionLost` if another consumer has moved it. */
  async advance(tx: SqlRunner, { topic, partition, topicId, nextOffset }: LogBatch): Promise<void> {
    const offsets = this.#offsets;
    const isUnmoved = fragment`${offsets.nextOffset} is not distinct from ${this.#position(topic, partition)}::bigint`;
    const { rowCount } = await tx.orm
      .update(offsets)
      .set({ nextOffset })
      .where(and(this.#isRow(topic, partition), eq(offsets.topicId, topicId), isUnmoved));
    if (rowCount === 0)
      throw new PartitionLost(`sink ${this.#sink} lost ${topic}[${partition}]: another process consumes it`);
  }

  /** Call this after the transaction of `advance` is committed. */
  markStored({ topic, partition, nextOffset }: LogBatch): void {
    this.#positions.set(`${topic} ${partition}`, nextOffset);
  }

  forget(topic: string, partition: number): void {
    this.#positions.delete(`${topic} ${partition}`);
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
