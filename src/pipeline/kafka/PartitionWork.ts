/**
 * One assignment of one partition: calls the handler, one call at a time, and keeps the position of reading.
 *
 *     assigning → reading → waiting → assigning      waiting: a call failed
 *     any of them → revoked                          final
 *
 * The partition is paused in every state but `reading`. A batch that arrives nevertheless is not applied; it is read again later.
 * After a failed call the handler forgets the partition (`onRevoked`) and returns its stored offset again (`onAssigned`).
 */
import assert from "node:assert/strict";
import { Backoff } from "../../platform/async/Backoff.ts";
import type { Gate } from "../../platform/async/Gate.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { type BatchHandler, NotStored, PartitionLost, Unrecoverable } from "../log/EventLog.ts";
import type { PartitionProgress } from "../log/PartitionProgress.ts";
import type { DeliveredBatch } from "./KafkaClient.ts";

type State = "assigning" | "reading" | "waiting" | "revoked";

const transitions: Readonly<Record<State, readonly State[]>> = {
  assigning: ["reading", "waiting", "revoked"],
  reading: ["waiting", "revoked"],
  waiting: ["assigning", "revoked"],
  revoked: [],
};

/** What an assignment needs from its session. */
export interface PartitionSource {
  readonly topic: string;
  readonly partition: number;
  /** The current id of the topic, the offset of the earliest message, and the offset after the last message. */
  fetchOffsets(): Promise<{ topicId: string; earliest: bigint; end: bigint }>;
  /** Continues reading at `offset`. */
  readFrom(offset: bigint): void;
  pause(): void;
  /** Called when the handler cannot continue. */
  unrecoverable(reason: Unrecoverable): void;
}

export class PartitionWork {
  readonly #source: PartitionSource;
  readonly #handler: BatchHandler;
  readonly #gate: Gate;
  readonly #logger: Logger;
  readonly #progress: PartitionProgress;
  readonly #backoff = new Backoff(200, 10_000);
  readonly #revoking = new AbortController();
  #state: State = "assigning";
  #last: Promise<void>;
  #topicId = "";
  #next = 0n;
  #hasBegun = false;
  /** Whether `onAssigned` was called and `onRevoked` was not. */
  #isAssigned = false;

  /**
   * @param progress that of the previous assignment too, if the partition was already assigned to this process.
   * @param before settles when the previous assignment of the partition has ended.
   */
  constructor(
    source: PartitionSource,
    { handler, gate, logger }: { readonly handler: BatchHandler; readonly gate: Gate; readonly logger: Logger },
    progress: PartitionProgress,
    before: Promise<void>,
  ) {
    this.#source = source;
    this.#handler = handler;
    this.#gate = gate;
    this.#logger = logger;
    this.#progress = progress;
    this.#last = before;
    this.#enqueue(() => this.#assign());
  }

  /** Offset up to which everything is applied; null before reading has begun. */
  get applied(): bigint | null {
    return this.#hasBegun ? this.#next : null;
  }

  /** Applies the batch. Resolves to false if it was not applied. */
  async deliver(delivered: DeliveredBatch): Promise<boolean> {
    let applied = false;
    await this.#enqueue(async () => {
      applied = await this.#apply(delivered);
    });
    return applied;
  }

  /** Starts again from the handler's stored offset, after a backoff. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#state === "reading") this.#retryLater();
    });
  }

  /** Ends the assignment. Resolves when the handler has stored what it may store and has forgotten the partition. */
  revoke(): Promise<void> {
    this.#revoking.abort();
    if (this.#isAssigned) this.#handler.onRevoking?.(this.#source.topic, this.#source.partition);
    return this.#enqueue(async () => {
      if (this.#state === "revoked") return;
      await this.#release();
      this.#become("revoked");
    });
  }

  #enqueue(call: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(call);
    return this.#last;
  }

  #become(state: State): void {
    assert(
      transitions[this.#state].includes(state),
      `invalid transition of the partition state: ${this.#state} → ${state}`,
    );
    this.#state = state;
  }

  async #assign(): Promise<void> {
    if (this.#revoking.signal.aborted) return;
    if (this.#state === "waiting") this.#become("assigning");
    try {
      const { topic, partition } = this.#source;
      const { topicId, earliest, end } = await this.#source.fetchOffsets();
      if (this.#revoking.signal.aborted) return;
      this.#topicId = topicId;
      this.#isAssigned = true;
      // Until the handler has returned its stored offset, every message may be one that is not stored.
      if (earliest < end) this.#progress.startWaiting(Date.now());
      const stored = await this.#gate.shared(() => this.#handler.onAssigned(topic, partition, topicId));
      // If the partition has been assigned again, only the newer assignment may seek and resume.
      if (this.#revoking.signal.aborted) return;
      if (stored !== null && stored > end)
        throw new Error(
          `stored offset ${stored} of ${topic}/${partition} is past the end ${end} of the partition: the newest messages were lost`,
        );
      if (stored !== null && stored < earliest) this.#handler.onSkipped(topic, partition, stored, earliest);
      this.#next = stored === null || stored < earliest ? earliest : stored;
      this.#progress.assigned(this.#next, this.#next < end);
      this.#become("reading");
      this.#hasBegun = true;
      this.#source.readFrom(this.#next);
    } catch (error) {
      this.#progress.assignFailed(error);
      this.#handleFailure(error);
    }
  }

  async #apply(delivered: DeliveredBatch): Promise<boolean> {
    if (this.#state !== "reading" || this.#revoking.signal.aborted) return false;
    if (delivered.firstOffset !== this.#next && !(await this.#handleGap(delivered))) return false;
    const { topic, partition } = this.#source;
    const batch = { topic, partition, topicId: this.#topicId, ...delivered, firstOffset: this.#next };
    const { messages } = batch;
    if (messages.length > 0) this.#progress.startWaiting(messages[0].appendedAt);
    try {
      await this.#gate.shared(() => this.#handler.apply(batch));
    } catch (error) {
      // The handler has dropped the batch because of `onRevoking`: its messages still wait.
      if (error instanceof PartitionLost && this.#revoking.signal.aborted) return false;
      this.#progress.applyFailed(error, batch.nextOffset);
      this.#handleFailure(error);
      return false;
    }
    this.#next = batch.nextOffset;
    const hasMore = batch.nextOffset < batch.endOffset;
    this.#progress.applied(batch.nextOffset, messages, hasMore ? (messages.at(-1)?.appendedAt ?? Date.now()) : null);
    this.#backoff.reset();
    return true;
  }

  /** Handles a batch that begins at another offset than expected. Returns whether it may be applied. */
  async #handleGap(delivered: DeliveredBatch): Promise<boolean> {
    try {
      const { topicId, earliest } = await this.#source.fetchOffsets();
      if (topicId === this.#topicId && delivered.firstOffset > this.#next) {
        if (earliest <= this.#next) return true;
        this.#handler.onSkipped(this.#source.topic, this.#source.partition, this.#next, delivered.firstOffset);
        this.#next = delivered.firstOffset;
        return true;
      }
      throw new Error(`unexpected offset ${delivered.firstOffset}: expected ${this.#next}`);
    } catch (error) {
      this.#progress.applyFailed(error, delivered.nextOffset);
      this.#handleFailure(error);
      return false;
    }
  }

  #handleFailure(error: unknown): void {
    if (error instanceof Unrecoverable) this.#source.unrecoverable(error);
    const { topic, partition } = this.#source;
    const fields = { topic, partition, retryInMs: this.#backoff.nextMs, error: (error as Error).message };
    if (error instanceof PartitionLost)
      this.#logger.info(fields, "partition lost: another consumer changed the stored offset");
    else this.#logger.warn(fields, "applying a batch failed; retrying from the stored offset");
    this.#retryLater();
  }

  #retryLater(): void {
    this.#become("waiting");
    this.#source.pause();
    this.#enqueue(async () => {
      await this.#backoff.wait(this.#revoking.signal);
      if (this.#revoking.signal.aborted) return;
      await this.#release();
      await this.#assign();
    });
  }

  async #release(): Promise<void> {
    if (!this.#isAssigned) return;
    this.#isAssigned = false;
    const { topic, partition } = this.#source;
    try {
      await this.#gate.shared(() => this.#handler.onRevoked(topic, partition));
    } catch (error) {
      if (error instanceof Unrecoverable) this.#source.unrecoverable(error);
      if (error instanceof NotStored) this.#progress.storeFailed(error);
      this.#logger.info(
        { topic, partition, error: (error as Error).message },
        "handling a revoked partition failed; batches that were not stored are read again",
      );
    }
  }
}
