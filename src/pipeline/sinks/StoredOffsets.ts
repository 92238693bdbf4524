/**
 * Owns the offsets that a sink keeps in its own database, in the table `sink_offsets` of the sink's schema, and their
 * compare-and-set.
 *
 * `advance` is the first statement of the transaction that stores a batch's effect. It takes the row's lock and moves the
 * offset only from where this consumer left it, so of two consumers of one partition one commits; the other waits, finds
 * the row moved, and writes nothing.
 */

import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { type LogBatch, PartitionLost, Unrecoverable } from "../log/Log.ts";

/** `next_offset` is null until the first batch is stored. */
export function offsetsTable(schema: string): string {
  return `CREATE TABLE IF NOT EXISTS ${schema}.sink_offsets (
    sink text, topic text, partition integer, topic_id text NOT NULL, next_offset bigint,
    PRIMARY KEY (sink, topic, partition))`;
}

export class StoredOffsets {
  readonly #sql: Sql;
  readonly #schema: string;
  readonly #sink: string;
  /** What this consumer believes to be stored, by topic and partition. */
  readonly #positions = new Map<string, bigint | null>();

  constructor(sql: Sql, schema: string, sink: string) {
    this.#sql = sql;
    this.#schema = schema;
    this.#sink = sink;
  }

  /** Reads the stored offset afresh. Throws `Unrecoverable` where it belongs to a topic of the same name that is gone. */
  async assigned(topic: string, partition: number, topicId: string): Promise<bigint | null> {
    const key = [this.#sink, topic, partition];
    await this.#sql.query(
      `INSERT INTO ${this.#schema}.sink_offsets AS o (sink, topic, partition, topic_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT (sink, topic, partition) DO UPDATE SET topic_id = excluded.topic_id
       WHERE o.next_offset IS NULL AND o.topic_id <> excluded.topic_id`,
      [...key, topicId],
    );
    const { rows } = await this.#sql.query<{ topic_id: string; next_offset: bigint | null }>(
      `SELECT topic_id, next_offset FROM ${this.#schema}.sink_offsets WHERE sink = $1 AND topic = $2 AND partition = $3`,
      key,
    );
    const [stored] = rows;
    if (stored === undefined) throw new PartitionLost(`the offset of ${topic}[${partition}] was removed meanwhile`);
    if (stored.topic_id !== topicId)
      throw new Unrecoverable(
        `topic ${topic} was deleted and made anew (id ${stored.topic_id} is stored, ${topicId} is found): ` +
          `run \`npm run rebuild -- ${this.#sink} --from lake\``,
      );
    this.#positions.set(`${topic} ${partition}`, stored.next_offset);
    return stored.next_offset;
  }

  /** Whether all of the batch is stored already. */
  covers({ topic, partition, nextOffset }: LogBatch): boolean {
    const position = this.#position(topic, partition);
    return position !== null && nextOffset <= position;
  }

  /** Moves the stored offset to the batch's end within `tx`. Throws `PartitionLost` where another consumer has moved it. */
  async advance(tx: SqlRunner, { topic, partition, topicId, nextOffset }: LogBatch): Promise<void> {
    const { rowCount } = await tx.query(
      `UPDATE ${this.#schema}.sink_offsets SET next_offset = $5
       WHERE sink = $1 AND topic = $2 AND partition = $3 AND topic_id = $4 AND next_offset IS NOT DISTINCT FROM $6::bigint`,
      [this.#sink, topic, partition, topicId, nextOffset, this.#position(topic, partition)],
    );
    if (rowCount === 0) throw new PartitionLost(`${topic}[${partition}] of ${this.#sink} is consumed by somebody else`);
  }

  /** To be called once the transaction of `advance` is committed. */
  committed({ topic, partition, nextOffset }: LogBatch): void {
    this.#positions.set(`${topic} ${partition}`, nextOffset);
  }

  revoked(topic: string, partition: number): void {
    this.#positions.delete(`${topic} ${partition}`);
  }

  #position(topic: string, partition: number): bigint | null {
    const position = this.#positions.get(`${topic} ${partition}`);
    if (position === undefined) throw new Error(`${topic}[${partition}] is not assigned to ${this.#sink}`);
    return position;
  }
}
