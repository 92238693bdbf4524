/**
 * The log port: an ordered, replayable, partitioned log of all events that leave the rooms. Interfaces only.
 *
 * Two implementations pass one contract suite: Kafka, and the outbox itself (embedded: one partition per topic; an offset is a
 * record number, so offsets may have gaps). Topics have the names of the public contract (`logs_move`, …); an
 * implementation adds the configured namespace.
 */
import type { MessageEvents } from "./MessageEvents.ts";

export interface LogMessage extends MessageEvents {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** Unix ms at which the log stored the message (Kafka: the broker's append time). */
  readonly appendedAt: number;
  readonly key: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Messages of one partition in offset order. They cover every offset from `firstOffset` (inclusive) to `nextOffset` (exclusive).
 */
export interface LogBatch {
  readonly topic: string;
  readonly partition: number;
  /** Changes when a topic is deleted and recreated. */
  readonly topicId: string;
  readonly firstOffset: bigint;
  readonly nextOffset: bigint;
  /** Offset of the next message of the partition, as known when this batch was read. */
  readonly endOffset: bigint;
  readonly messages: readonly LogMessage[];
}

export interface OutgoingMessage {
  readonly topic: string;
  readonly key: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | Buffer | null;
  /**
   * The partition is chosen among this many, the first ones, so that added partitions do not move running matches. Omitted: among
   * all. Set after the message was made, so that it need not be copied.
   */
  partitions?: number;
}

/** Thrown by a handler whose stored offset has changed: another consumer has taken over the partition. */
export class PartitionLost extends Error {
  override readonly name = "PartitionLost";
}

/** Thrown by a handler that could not store what it keeps in memory of a partition, from `firstOffset`. It is retried. */
export class NotStored extends Error {
  override readonly name = "NotStored";
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;

  constructor(
    { topic, partition }: { readonly topic: string; readonly partition: number },
    firstOffset: bigint,
    cause: unknown,
  ) {
    super((cause as Error).message, { cause });
    this.topic = topic;
    this.partition = partition;
    this.firstOffset = firstOffset;
  }
}

/** Thrown by a handler that cannot continue (topic recreated, wrong store layout). Stops the consumer with this reason. */
export class Unrecoverable extends Error {
  override readonly name = "Unrecoverable";
}

/**
 * Handles the partitions of a consumer group. Calls for one partition never overlap and have the order `onAssigned`, `apply`*,
 * `onRevoked`; only `onRevoking` may be called at any time between. Calls for different partitions may overlap.
 */
export interface BatchHandler {
  /** How long the log may delay new messages, so that batches are fewer and larger. Omitted: no delay. */
  readonly maxBatchDelayMs?: number;
  /**
   * Whether batches of different partitions cost less if they are applied at the same time. Then the log passes all batches at once that
   * it has read together. Omitted: it may pass some of them later than others.
   */
  readonly storesTogether?: boolean;
  /**
   * Returns the offset to read next, from the handler's own store; null to begin at the earliest message. If the log no longer
   * has that offset, reading begins at its earliest message, and `onSkipped` is called.
   */
  onAssigned(topic: string, partition: number, topicId: string): Promise<bigint | null>;
  /**
   * Applies a batch. When it resolves, the batch's effect and the offset `batch.nextOffset` are stored together, or the handler
   * keeps the batch in memory and stores it later (then the next `onAssigned` returns the older offset).
   *
   * If it rejects, the consumer retries from the stored offset after a backoff: it calls `onRevoked`, so that the handler stores
   * or discards what it keeps in memory, and then `onAssigned`. After `PartitionLost`, it retries only while the group still
   * assigns the partition to this consumer. `Unrecoverable` stops the consumer.
   */
  apply(batch: LogBatch): Promise<void>;
  /**
   * Offset up to which the partition is stored; null if nothing is, or if the partition is not assigned. Required for handlers
   * that keep batches in memory: without it, an applied batch counts as stored, and a log may delete its messages.
   */
  storedOffset?(topic: string, partition: number): bigint | null;
  /**
   * How long the handler keeps a topic's messages in memory on purpose before it stores them, in ms. This time is not lag. Omitted: 0.
   */
  keepsForMs?(topic: string): number;
  /** Called if the log has deleted the offsets [from, to) before this handler received them. */
  onSkipped(topic: string, partition: number, from: bigint, to: bigint): void;
  /**
   * Called when a consumer group takes the partition away, perhaps during `apply`; `onRevoked` follows. A batch that the handler has not
   * begun to store may be dropped: its `apply` then rejects with `PartitionLost`.
   */
  onRevoking?(topic: string, partition: number): void;
  /** Called when the consumer gives up the partition. Stores what is kept in memory, if that is still allowed. */
  onRevoked(topic: string, partition: number): Promise<void>;
  /**
   * Called about once a second, so that the handler can store batches that it has kept in memory for long enough. This call never
   * overlaps with the calls above, whatever their partition.
   */
  onIdle?(): Promise<void>;
}

export interface Consumer {
  /** Resolves after `stop`. Rejects with the `Unrecoverable` error if the handler threw one. */
  readonly stopped: Promise<void>;
  /**
   * Age in seconds of the oldest message that the handler has not yet stored, without the time for which it keeps messages on purpose; 0
   * if there is none.
   */
  lagSeconds(): number;
  /** Whether the handler has accepted every message that is known to exist. It may keep some in memory. */
  isCaughtUp(): boolean;
  /** Whether the group has assigned its partitions at least once, even if this consumer got none. */
  hasJoined(): boolean;
  /**
   * Why partitions make no progress, one line each. A failure stands until the same operation on the same partition succeeds, or
   * until the group assigns the partition to another consumer.
   */
  problems(): readonly string[];
  /** Finishes the current batch, calls `onRevoked`, and leaves the group. */
  stop(): Promise<void>;
}

export interface EventLog {
  /** Resolves when the log has stored every message (Kafka: acknowledged by all in-sync replicas). */
  publish(messages: readonly OutgoingMessage[]): Promise<void>;
  /** Joins the consumer group `group` on `topics`, which need not exist yet. */
  consume(group: string, topics: readonly string[], handler: BatchHandler): Promise<Consumer>;
  /** Why the log is unavailable, as one line that names the variable to check; null if it works. */
  problem(): string | null;
  /** What an operator should know about the topics, one line each, such as a setting that loses messages. */
  warnings(): readonly string[];
  close(): Promise<void>;
}
