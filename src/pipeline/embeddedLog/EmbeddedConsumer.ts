/**
 * One consumer of an embedded log. It reads the outbox in passes: a pass requests the handler's stored offsets, reads from the last
 * acknowledged record, delivers the messages that the handler has not stored yet, and ends with `onRevoked`. A topic whose call
 * failed is set aside and read again after a pause, while the other topics continue. After any other failure, the consumer waits
 * and begins the next pass. Calls to the handler overlap only if it stores the batches of different topics together.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { type FeedBatch, OutboxFeed } from "../events/OutboxFeed.ts";
import { ConsumerProgress } from "../log/ConsumerProgress.ts";
import { type BatchHandler, type Consumer, type LogMessage, NotStored, Unrecoverable } from "../log/EventLog.ts";
import type { PartitionProgress } from "../log/PartitionProgress.ts";
import { toLine } from "../log/toLine.ts";
import type { OutboxReader, OutboxWriter } from "../outbox/Outbox.ts";
import type { GroupProgress } from "./StoredProgress.ts";
import { PARTITION, selectMessages } from "./selectMessages.ts";
import { TopicRetries } from "./TopicRetries.ts";

const READ_BYTES = 512 * 1024;
const POLL_MS = 20;
const IDLE_EVERY_MS = 1000;
/** The number of an outbox's first record. */
const FIRST_RECORD = 1n;

export interface EmbeddedConsumerOptions {
  readonly reader: OutboxReader;
  readonly writer: Pick<OutboxWriter, "logId" | "appended" | "committed">;
  readonly progress: GroupProgress;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  readonly logger: Logger;
  /** Settles when the previous consumer of the group has stopped. */
  readonly previousStopped: Promise<void>;
}

/** Position of a topic in this pass. */
interface TopicPosition {
  /** Offset of the next message to apply. */
  next: bigint;
  /** Offset at which this pass started to read the topic. */
  readonly start: bigint;
}

export class EmbeddedConsumer implements Consumer {
  readonly stopped: Promise<void>;
  readonly #options: EmbeddedConsumerOptions;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(200, 10_000);
  readonly #positions = new Map<string, TopicPosition>();
  readonly #progress: ConsumerProgress;
  readonly #retries = new TopicRetries();
  /** Append time of the oldest record that is not read, or the time since which there may be one. */
  #unreadSince: number | null = null;
  #idleAt = 0;
  /** Number of the record up to which the current pass is reading or applying. */
  #workingUpTo = 0;
  /** Number of the record up to which the current pass has applied all. */
  #appliedUpTo = 0;
  #hasEnded = false;
  /** `#workingUpTo` at the last failure of a pass; null if there was none since the last success. */
  #failedUpTo: number | null = null;
  /** The record after which the last failed read began: one that ends before it proves nothing. */
  #readFailedAfter = 0;
  #problem: string | null = null;

  constructor(options: EmbeddedConsumerOptions) {
    this.#options = options;
    this.#progress = new ConsumerProgress(options.handler);
    this.stopped = this.#run();
    // A caller may await `stopped` for the reason. Without this handler, the rejection would be unhandled if no caller awaits it.
    this.stopped
      .catch(() => {})
      .finally(() => {
        this.#hasEnded = true;
      });
  }

  problem(): string | null {
    return this.#problem;
  }

  lagSeconds(): number {
    const nowMs = Date.now();
    const unread = this.#unreadSince === null ? 0 : (nowMs - this.#unreadSince) / 1000;
    return Math.max(unread, this.#progress.lagSeconds(nowMs));
  }

  isCaughtUp(): boolean {
    return this.#unreadSince === null && this.#progress.isCaughtUp();
  }

  /** Whether the handler has accepted the records up to this one, or it is not worth waiting for: a call has failed. */
  isDoneUpTo(record: number): boolean {
    const hasFailed = this.#hasEnded || this.#failedUpTo !== null || this.#retries.isAnySetAside;
    return hasFailed || this.#appliedUpTo >= record;
  }

  hasJoined(): boolean {
    return true;
  }

  problems(): string[] {
    return this.#progress.problems();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const failed = await this.stopped.then(
      () => false,
      () => true,
    );
    if (!failed) this.#problem = null;
  }

  async #run(): Promise<void> {
    const { previousStopped, reader, group, logger } = this.#options;
    const { signal } = this.#stopping;
    await Promise.race([
      previousStopped,
      new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true })),
    ]);
    const feed = new OutboxFeed(reader, { offersRows: true });
    try {
      while (!signal.aborted) {
        try {
          await this.#pass(feed);
        } catch (error) {
          if (error instanceof Unrecoverable) {
            this.#problem = `consumer group ${group} stopped: ${error.message}`;
            throw error;
          }
          this.#failedUpTo = this.#workingUpTo;
          logger.warn(
            { group, retryInMs: this.#backoff.nextMs, error: toLine(error) },
            "consumer failed; retrying from the stored offsets",
          );
          await this.#backoff.wait(signal);
        }
      }
    } finally {
      await reader.close();
    }
  }

  async #pass(feed: OutboxFeed): Promise<void> {
    const { topics, progress, writer } = this.#options;
    let position = progress.acknowledged();
    this.#workingUpTo = position;
    if (position < writer.committed) this.#unreadSince ??= Date.now();
    try {
      this.#retries.takeAll();
      for (const topic of topics) await this.#assign(topic, position);
      while (!this.#stopping.signal.aborted) {
        position = await this.#assignDue(position);
        this.#appliedUpTo = position;
        this.#workingUpTo = position + 1;
        const batch = await this.#read(feed, position);
        if (!progress.keepsRecords && progress.acknowledged() > position)
          throw new Error(`records after ${position} were deleted before they were read`);
        const isEnd = batch.records.length === 0;
        if (!isEnd) this.#workingUpTo = batch.upTo;
        await this.#waitUntilCommitted(batch.upTo);
        const selected = selectMessages(batch, (topic) => this.#positions.get(topic)?.next);
        for (const [topic, messages] of selected) this.#progressOf(topic).startWaiting(messages[0].appendedAt);
        if (!(await this.#applyAll(selected, BigInt(batch.upTo) + 1n))) return;
        position = batch.upTo;
        // Topics that are set aside must read these records again, so they must be kept.
        if (!this.#retries.isAnySetAside) progress.markStored(this.#storedUpTo(position));
        this.#unreadSince = position < writer.committed ? (batch.records.at(-1)?.appendedAt ?? null) : null;
        await this.#idleWhenDue();
        this.#onSuccessUpTo(isEnd ? Number.POSITIVE_INFINITY : position);
        if (isEnd) await waitMs(POLL_MS, this.#stopping.signal);
      }
    } finally {
      await this.#revokeAll();
    }
  }

  async #read(feed: OutboxFeed, position: number): Promise<FeedBatch> {
    try {
      const batch = await feed.read(position, READ_BYTES);
      if (batch.records.length === 0 || batch.upTo > this.#readFailedAfter) this.#problem = null;
      return batch;
    } catch (error) {
      this.#problem = `consumer group ${this.#options.group}: ${toLine(error)}`;
      this.#readFailedAfter = position;
      throw error;
    }
  }

  /** Uncommitted records must not have an effect: after a power loss they may no longer exist, but their effects would. */
  async #waitUntilCommitted(record: number): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#options.writer.committed < record && !signal.aborted) await waitMs(POLL_MS, signal);
  }

  async #assign(topic: string, position: number): Promise<void> {
    const ofTopic = this.#progressOf(topic);
    try {
      await this.#startTopic(topic, position);
      const { next } = this.#positions.get(topic)!;
      ofTopic.assigned(next, next <= BigInt(this.#options.writer.committed));
    } catch (error) {
      ofTopic.assignFailed(error);
      await this.#setAside(topic, error);
    }
  }

  /**
   * Assigns the topics whose pause is over again. Returns the record after which to read. It is before `position` if there are such
   * topics.
   */
  async #assignDue(position: number): Promise<number> {
    const due = this.#retries.takeDue(performance.now());
    if (due.length === 0) return position;
    const from = this.#options.progress.acknowledged();
    for (const topic of due) await this.#assign(topic, from);
    return from;
  }

  async #setAside(topic: string, error: unknown): Promise<void> {
    if (error instanceof Unrecoverable) throw error;
    const { group, logger } = this.#options;
    await this.#revoke(topic);
    const retryInMs = this.#retries.add(topic, this.#workingUpTo, performance.now());
    logger.warn(
      { group, topic, retryInMs, error: toLine(error) },
      "the handler could not handle messages of this topic; reading them again later from the stored offset; other topics continue",
    );
  }

  async #startTopic(topic: string, position: number): Promise<void> {
    const { handler, progress, writer } = this.#options;
    const begin = BigInt(position) + 1n;
    this.#positions.set(topic, { next: begin, start: begin });
    const stored = await handler.onAssigned(topic, PARTITION, `${writer.logId}/${topic}`);
    if (stored === null) return;
    if (stored > BigInt(writer.appended) + 1n)
      throw new Error(
        `stored offset ${stored} of ${topic} is past the end ${writer.appended + 1} of the log: the newest messages were lost`,
      );
    const earliest = progress.earliestOffset(topic);
    // A handler that has lost its offset returns 0, which is before the first record.
    const from = stored < FIRST_RECORD ? FIRST_RECORD : stored;
    let next = from;
    if (from < earliest) {
      handler.onSkipped(topic, PARTITION, from, earliest);
      next = earliest;
    }
    this.#positions.set(topic, { next, start: next });
  }

  /** Resolves to false if the consumer was stopped before all topics were applied. */
  async #applyAll(selected: ReadonlyMap<string, readonly LogMessage[]>, nextOffset: bigint): Promise<boolean> {
    const { signal } = this.#stopping;
    if (this.#options.handler.storesTogether === true) {
      if (signal.aborted) return false;
      const calls = [...selected].map(([topic, messages]) => this.#apply(topic, messages, nextOffset));
      const outcomes = await Promise.allSettled(calls);
      for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
      return true;
    }
    for (const [topic, messages] of selected) {
      if (signal.aborted) return false;
      await this.#apply(topic, messages, nextOffset);
    }
    return true;
  }

  async #apply(topic: string, messages: readonly LogMessage[], nextOffset: bigint): Promise<void> {
    const { handler, progress, writer } = this.#options;
    const position = this.#positions.get(topic)!;
    progress.markDelivered(topic, Number(messages.at(-1)!.offset));
    const batch = {
      ...{ topic, partition: PARTITION, topicId: `${writer.logId}/${topic}`, messages },
      ...{ firstOffset: position.next, nextOffset, endOffset: BigInt(writer.committed) + 1n },
    };
    try {
      await handler.apply(batch);
    } catch (error) {
      this.#progressOf(topic).applyFailed(error, nextOffset);
      return this.#setAside(topic, error);
    }
    this.#progressOf(topic).applied(nextOffset, messages, null);
    position.next = nextOffset;
  }

  /** Call it once everything up to this record has succeeded. */
  #onSuccessUpTo(position: number): void {
    this.#retries.succeededUpTo(position);
    if (this.#failedUpTo === null || position < this.#failedUpTo) return;
    this.#failedUpTo = null;
    this.#backoff.reset();
  }

  /** Returns the number of the record, at most `position`, up to which the handler has stored all of its topics. */
  #storedUpTo(position: number): number {
    const { handler } = this.#options;
    if (handler.storedOffset === undefined) return position;
    let upTo = position;
    for (const [topic, { next, start }] of this.#positions) {
      const stored = handler.storedOffset(topic, PARTITION) ?? start;
      if (stored < next && next > start) upTo = Math.min(upTo, Number(stored) - 1);
    }
    return upTo;
  }

  #progressOf(topic: string): PartitionProgress {
    return this.#progress.of({ topic, partition: PARTITION });
  }

  async #idleWhenDue(): Promise<void> {
    const { handler } = this.#options;
    if (handler.onIdle === undefined || performance.now() < this.#idleAt) return;
    try {
      await handler.onIdle();
      this.#progress.idleSucceeded();
    } catch (error) {
      this.#progress.idleFailed(error);
      throw error;
    }
    this.#idleAt = performance.now() + IDLE_EVERY_MS;
  }

  async #revokeAll(): Promise<void> {
    for (const topic of [...this.#positions.keys()]) await this.#revoke(topic);
  }

  async #revoke(topic: string): Promise<void> {
    const { handler, logger } = this.#options;
    this.#positions.delete(topic);
    try {
      await handler.onRevoked(topic, PARTITION);
    } catch (error) {
      if (error instanceof NotStored) this.#progressOf(topic).storeFailed(error);
      logger.info(
        { topic, error: toLine(error) },
        "handling a revoked partition failed; batches that were not stored are read again",
      );
    }
  }
}
