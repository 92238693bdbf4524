/**
 * The log port: an ordered, replayable, partitioned record of all that left the rooms. Interfaces only.
 *
 * Two implementations pass one contract suite: the outbox itself read in order (embedded, one partition a topic, an
 * offset is a record number, offsets may have gaps), and Kafka. Topics are named as in the public contract
 * (`logs_move`, …); an implementation adds the configured namespace itself.
 */

export interface LogMessage {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Unix ms at which the log took the message (the broker's append time). */
  readonly appendedAt: number;
  readonly key: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Buffer | null;
}

/** Messages of one partition in offset order, covering every offset from `firstOffset` up to, not including, `nextOffset`. */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** Changes when a topic is deleted and made anew. */
  readonly topicId: string;
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
  /** Offset that the next message of the partition will get, as known when this batch was read. */
  readonly endOffset: bigint;
  readonly messages: readonly LogMessage[];
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | Buffer | null;
}

/** Thrown by a handler whose stored offset is no longer the one it worked from: another consumer has taken over the partition. */
export class PartitionLost extends Error {
  override readonly name = "PartitionLost";
}

/** Thrown by a handler that must not go on (a topic made anew, a broken store layout): stops the consumer with this reason. */
export class Unrecoverable extends Error {
  override readonly name = "Unrecoverable";
}

/**
 * What a consumer group does with its partitions. Calls for one partition never overlap and come in the order
 * `assigned`, `apply`*, `revoked`; different partitions may overlap.
 */
export interface BatchHandler {
  /** How long, in ms, the log may hold back what is new, so that there are fewer and larger batches; not at all if not given. */
  readonly gatherMs?: number;
  /**
   * The offset to read next, from the handler's own store; null to begin at the earliest message.
   * Where it lies before the earliest message that the log still has, reading goes on there and `skipped` is called.
   */
  assigned(topic: string, partition: number, topicId: string): Promise<bigint | null>;
  /**
   * Takes over a batch. When it resolves, the batch's effect and the offset `batch.nextOffset` are stored together, or the handler keeps
   * the batch in memory and stores it later (then it gives the older offset at the next `assigned`).
   * Rejecting makes the consumer call it again from the handler's stored offset after a back-off; `PartitionLost` gives the
   * partition up; `Unrecoverable` stops the consumer. "Again" is `revoked`, then `assigned`: what the handler still
   * keeps in memory is stored or forgotten first. After `PartitionLost` that happens only while the group still counts the
   * partition as this consumer's.
   */
  apply(batch: LogBatch): Promise<void>;
  /**
   * Offset up to which the partition is stored; null when nothing is. Only for handlers that keep batches in memory:
   * without it what `apply` took over counts as stored, and a log may delete it.
   */
  stored?(topic: string, partition: number): bigint | null;
  /** Offsets [from, to) are gone from the log before this handler saw them. */
  skipped(topic: string, partition: number, from: bigint, to: bigint): void;
  /** Stores what is kept in memory where that is still allowed, and forgets the partition. */
  revoked(topic: string, partition: number): Promise<void>;
  /** Called about once a second with no overlap with the calls above of any partition, to close what is due by time. */
  idle?(): Promise<void>;
}

export interface Consumer {
  /** Rejects when the consumer stopped for good, with `Unrecoverable`'s reason; resolves after `stop`. */
  readonly stopped: Promise<void>;
  /** Seconds between now and the append time of the oldest message not yet applied; 0 when caught up. */
  lagSeconds(): number;
  /** Finishes the batch at work, calls `revoked`, leaves the group. */
  stop(): Promise<void>;
}

export interface Log {
  /** Resolves when every message is kept by the log (Kafka: acknowledged by all in-sync replicas). */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Joins the consumer group `group` on `topics` (existing or not yet existing). */
  consume(group: string, topics: readonly string[], handler: BatchHandler): Promise<Consumer>;
  /** Why the log cannot be reached, as one line that names the variable to look at; null when all is well. */
  problem(): string | null;
  close(): Promise<void>;
}
