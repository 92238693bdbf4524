/**
 * Owns one assignment of one partition: the calls to the handler, one after another, and where reading stands.
 *
 *     assigning → reading → (a call failed) resting → assigning      and from any of them → revoked, for good
 *
 * While it is not reading the partition is paused; a batch that comes all the same is put back. After a failed call the
 * handler is told to forget (`revoked`) and asked anew where it stands (`assigned`).
 */
import assert from "node:assert/strict";
import { Backoff } from "../../platform/async/Backoff.ts";
import type { Gate } from "../../platform/async/Gate.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { type BatchHandler, type LogBatch, PartitionLost, Unrecoverable } from "../log/Log.ts";

type State = "assigning" | "reading" | "resting" | "revoked";

const followers: Readonly<Record<State, readonly State[]>> = {
  assigning: ["reading", "resting", "revoked"],
  reading: ["resting", "revoked"],
  resting: ["assigning", "revoked"],
  revoked: [],
};

/** What an assignment needs of the session that it belongs to. */
export interface PartitionSource {
  readonly topic: string;
  readonly partition: number;
  /** The topic's id now, and the offsets of the earliest message and behind the last one. */
  look(): Promise<{ topicId: string; earliest: bigint; end: bigint }>;
  /** Lets reading go on at `offset`. */
  readFrom(offset: bigint): void;
  pause(): void;
  /** The handler cannot go on. */
  unrecoverable(reason: Unrecoverable): void;
}

export type Delivered = Omit<LogBatch, "topic" | "partition" | "topicId">;

export class PartitionWork {
  readonly #source: PartitionSource;
  readonly #handler: BatchHandler;
  readonly #gate: Gate;
  readonly #logger: Logger;
  readonly #backoff = new Backoff(200, 10_000);
  readonly #revoking = new AbortController();
  #state: State = "assigning";
  #last: Promise<void>;
  #topicId = "";
  #next = 0n;
  #begun = false;
  #pendingSince: number | null = null;
  /** Whether `assigned` was called and `revoked` was not. */
  #held = false;

  /** @param before settles when an earlier assignment of the partition has ended. */
  constructor(source: PartitionSource, handler: BatchHandler, gate: Gate, logger: Logger, before: Promise<void>) {
    this.#source = source;
    this.#handler = handler;
    this.#gate = gate;
    this.#logger = logger;
    this.#last = before;
    this.#enqueue(() => this.#assign());
  }

  /** Offset up to which all is applied; null before reading began. */
  get applied(): bigint | null {
    return this.#begun ? this.#next : null;
  }

  lagSeconds(nowMs: number): number {
    return this.#pendingSince === null ? 0 : Math.max(0, (nowMs - this.#pendingSince) / 1000);
  }

  /** Resolves to whether the batch was applied. */
  async deliver(delivered: Delivered): Promise<boolean> {
    let taken = false;
    await this.#enqueue(async () => {
      taken = await this.#apply(delivered);
    });
    return taken;
  }

  /** Begins again from what the handler has stored, after a pause. */
  restart(): Promise<void> {
    return this.#enqueue(async () => {
      if (this.#state === "reading") this.#rest();
    });
  }

  /** Ends the assignment; resolves when the handler has stored what it may and has forgotten the partition. */
  revoke(): Promise<void> {
    this.#revoking.abort();
    return this.#enqueue(async () => {
      if (this.#state === "revoked") return;
      await this.#release();
      this.#become("revoked");
      this.#pendingSince = null;
    });
  }

  #enqueue(call: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(call);
    return this.#last;
  }

  #become(state: State): void {
    assert(followers[this.#state].includes(state), `partition work: ${this.#state} → ${state}`);
    this.#state = state;
  }

  async #assign(): Promise<void> {
    if (this.#revoking.signal.aborted) return;
    if (this.#state === "resting") this.#become("assigning");
    try {
      const { topic, partition } = this.#source;
      const { topicId, earliest, end } = await this.#source.look();
      if (this.#revoking.signal.aborted) return;
      this.#topicId = topicId;
      this.#held = true;
      const stored = await this.#gate.shared(() => this.#handler.assigned(topic, partition, topicId));
      // A later assignment of the partition may stand behind this one: it alone may seek and resume.
      if (this.#revoking.signal.aborted) return;
      if (stored !== null && stored > end)
        throw new Error(`${topic}/${partition} ends at ${end}, before the stored offset ${stored}: its end was lost`);
      if (stored !== null && stored < earliest) this.#handler.skipped(topic, partition, stored, earliest);
      this.#next = stored === null || stored < earliest ? earliest : stored;
      this.#pendingSince = this.#next < end ? Date.now() : null;
      this.#become("reading");
      this.#begun = true;
      this.#source.readFrom(this.#next);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #apply(delivered: Delivered): Promise<boolean> {
    if (this.#state !== "reading" || this.#revoking.signal.aborted) return false;
    if (delivered.firstOffset !== this.#next && !(await this.#jump(delivered))) return false;
    const { topic, partition } = this.#source;
    const batch = { topic, partition, topicId: this.#topicId, ...delivered, firstOffset: this.#next };
    const { messages } = batch;
    if (messages.length > 0) this.#pendingSince = messages[0].appendedAt;
    try {
      await this.#gate.shared(() => this.#handler.apply(batch));
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#next = batch.nextOffset;
    this.#pendingSince = batch.nextOffset < batch.endOffset ? (messages.at(-1)?.appendedAt ?? Date.now()) : null;
    this.#backoff.reset();
    return true;
  }

  /** Reading came out at another offset than asked for. Whether the batch may be applied all the same. */
  async #jump(delivered: Delivered): Promise<boolean> {
    try {
      const { topicId, earliest } = await this.#source.look();
      if (topicId === this.#topicId && delivered.firstOffset > this.#next) {
        if (earliest <= this.#next) return true;
        this.#handler.skipped(this.#source.topic, this.#source.partition, this.#next, delivered.firstOffset);
        this.#next = delivered.firstOffset;
        return true;
      }
      throw new Error(`read from ${delivered.firstOffset} instead of ${this.#next}`);
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  #failed(error: unknown): void {
    if (error instanceof Unrecoverable) this.#source.unrecoverable(error);
    const { topic, partition } = this.#source;
    const fields = { topic, partition, retryInMs: this.#backoff.nextMs, error: (error as Error).message };
    if (error instanceof PartitionLost) this.#logger.info(fields, "another consumer moved this partition's offset");
    else this.#logger.warn(fields, "a batch was not taken, going back to the stored offset");
    this.#rest();
  }

  #rest(): void {
    this.#become("resting");
    this.#source.pause();
    this.#enqueue(async () => {
      await this.#backoff.wait(this.#revoking.signal);
      if (this.#revoking.signal.aborted) return;
      await this.#release();
      await this.#assign();
    });
  }

  async #release(): Promise<void> {
    if (!this.#held) return;
    this.#held = false;
    const { topic, partition } = this.#source;
    try {
      await this.#gate.shared(() => this.#handler.revoked(topic, partition));
    } catch (error) {
      if (error instanceof Unrecoverable) this.#source.unrecoverable(error);
      this.#logger.info({ topic, partition, error: (error as Error).message }, "what was kept in memory is read again");
    }
  }
}
