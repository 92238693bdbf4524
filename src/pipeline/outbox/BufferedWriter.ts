/**
 * The writer of an outbox: numbers records, commits them in groups, measures the outbox, and sets the mode that the measurements
 * require (`modes.ts`). `append` only copies bytes; everything else happens in later turns of the event loop. One block is
 * written at a time. Records that are appended meanwhile form the next block.
 */
import assert from "node:assert/strict";
import { AgeSamples } from "./AgeSamples.ts";
import { BlockQueue } from "./BlockQueue.ts";
import type { BlockStore } from "./BlockStore.ts";
import { withoutPath } from "./damage.ts";
import {
  COMMIT_LAG_MAX_MS,
  isTransitionAllowed,
  nextMode,
  type OutboxMode,
  type SheddingLevel,
  sheddingIn,
} from "./modes.ts";
import type { OutboxWriter } from "./Outbox.ts";

export interface WriterOptions {
  /** Size at which shedding begins (`OUTBOX_MAX_MB`). */
  readonly limitBytes: number;
  /** Memory for records while writing fails. Records that do not fit are lost and counted. */
  readonly memoryBytesMax: number;
  /** Minimum time between the starts of two commits. */
  readonly commitIntervalMs: number;
  /** Time between two measurements, and between two attempts to write after a failure. */
  readonly measureIntervalMs: number;
  /** Unix ms. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
}

export class BufferedWriter implements OutboxWriter {
  readonly id: string;
  readonly logId: string;
  readonly directory: string;
  private readonly store: BlockStore;
  private readonly options: WriterOptions;
  private readonly queue: BlockQueue;
  private readonly ages = new AgeSamples();
  private readonly listeners = new Set<(mode: OutboxMode) => void>();
  private readonly waiters: { upTo: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  private readonly timer: NodeJS.Timeout;
  private readonly onClosed: () => void;
  private nextNumber: number;
  private storedBytes = 0;
  private committing: Promise<void> | null = null;
  private scheduled: NodeJS.Timeout | NodeJS.Immediate | null = null;
  private commitStartedMs = Number.NEGATIVE_INFINITY;
  private failure: string | null = null;
  private problem: string | null = null;
  appended: number;
  committed: number;
  lostRecords = 0;
  mode: OutboxMode = "open";
  shedding: SheddingLevel = "nothing";

  constructor(
    start: { id: string; logId: string; directory: string; lastNumber: number; nextNumber: number },
    store: BlockStore,
    options: WriterOptions,
    onClosed: () => void,
  ) {
    this.id = start.id;
    this.logId = start.logId;
    this.directory = start.directory;
    this.nextNumber = start.nextNumber;
    this.appended = start.lastNumber;
    this.committed = start.lastNumber;
    this.store = store;
    this.options = options;
    this.onClosed = onClosed;
    this.queue = new BlockQueue(options.memoryBytesMax);
    this.timer = setInterval(() => void this.measure(), options.measureIntervalMs).unref();
  }

  append(bytes: Uint8Array, length: number): number {
    const { now, monotonicMs } = this.options;
    if (this.mode === "closed" || !this.queue.push(this.nextNumber, bytes, length, now, monotonicMs)) {
      this.lostRecords++;
      return 0;
    }
    this.appended = this.nextNumber++;
    if (this.committing === null && this.scheduled === null && this.failure === null) this.schedule();
    return this.appended;
  }

  commitLagMs(): number {
    const { oldestMs } = this.queue;
    return oldestMs === null ? 0 : this.options.monotonicMs() - oldestMs;
  }

  sizeBytes(): number {
    return this.storedBytes + this.queue.bytes;
  }

  oldestSeconds(): number {
    return this.ages.oldestSeconds(this.options.monotonicMs());
  }

  refusal(): string | null {
    this.updateMode();
    if (this.mode === "open") return null;
    const name = `outbox ${this.id}`;
    if (this.mode === "failed") return this.failure === null ? this.problem : `${name}: ${this.failure}`;
    if (this.mode === "closed") return `${name} is closed`;
    if (this.mode === "refusing")
      return `${name}: commits lag by more than ${COMMIT_LAG_MAX_MS} ms, the disk is too slow`;
    const megabytes = Math.round(this.sizeBytes() / 2 ** 20);
    return `${name}: ${megabytes} MB are not acknowledged, OUTBOX_MAX_MB is ${this.options.limitBytes / 2 ** 20} (${this.mode}): check relay and sinks`;
  }

  onMode(listener: (mode: OutboxMode) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  define(name: string, bytes: Uint8Array): void {
    this.store.define(name, bytes);
  }

  whenCommitted(): Promise<void> {
    if (this.committed === this.appended) return Promise.resolve();
    if (this.failure !== null) return Promise.reject(new Error(this.failure));
    return new Promise((resolve, reject) => this.waiters.push({ upTo: this.appended, resolve, reject }));
  }

  /** Measures the outbox and updates the mode; called by the timer. */
  async measure(): Promise<void> {
    if (this.mode === "closed") return;
    try {
      const { storedBytes, acknowledged, problem } = await this.store.measure();
      this.storedBytes = storedBytes;
      this.problem = problem;
      this.ages.addSample(this.appended, acknowledged, this.options.monotonicMs());
    } catch (error) {
      this.problem = `outbox ${this.id}: ${describe(error)}`;
    }
    this.updateMode();
    if (this.failure !== null) this.commit();
  }

  async close(): Promise<void> {
    if (this.mode === "closed") return;
    clearInterval(this.timer);
    while (this.failure === null && !this.queue.isEmpty) {
      this.commit();
      await this.committing;
    }
    if (this.scheduled !== null) this.cancel();
    this.enterMode("closed");
    this.rejectWaiters(new Error(this.failure ?? "the outbox is closed"));
    await this.store.close();
    this.onClosed();
  }

  private schedule(): void {
    const { commitIntervalMs, monotonicMs } = this.options;
    const waitMs = this.commitStartedMs + commitIntervalMs - monotonicMs();
    const start = () => {
      this.scheduled = null;
      this.commit();
    };
    this.scheduled = waitMs > 0 ? setTimeout(start, waitMs) : setImmediate(start);
  }

  private cancel(): void {
    clearTimeout(this.scheduled as NodeJS.Timeout);
    clearImmediate(this.scheduled as NodeJS.Immediate);
    this.scheduled = null;
  }

  private commit(): void {
    if (this.committing !== null) return;
    const block = this.queue.seal();
    if (block === null) return;
    this.commitStartedMs = this.options.monotonicMs();
    this.committing = this.store.write(block.bytes, block.firstNumber).then(
      () => {
        this.storedBytes += block.bytes.length;
        this.committed = block.lastNumber;
        this.failure = null;
        this.queue.removeSealed();
        this.resolveWaiters();
        this.finishCommit();
      },
      (error) => {
        this.failure = describe(error);
        this.rejectWaiters(new Error(this.failure));
        this.finishCommit();
      },
    );
  }

  private finishCommit(): void {
    this.committing = null;
    this.updateMode();
    if (this.mode !== "closed" && this.failure === null && !this.queue.isEmpty && this.scheduled === null)
      this.schedule();
  }

  private resolveWaiters(): void {
    while (this.waiters.length > 0 && this.waiters[0].upTo <= this.committed) this.waiters.shift()!.resolve();
  }

  private rejectWaiters(error: Error): void {
    for (const { reject } of this.waiters.splice(0)) reject(error);
  }

  private updateMode(): void {
    const failed = this.failure !== null || this.problem !== null;
    const measurements = { sizeBytes: this.sizeBytes(), commitLagMs: this.commitLagMs(), failed };
    for (;;) {
      const mode = nextMode(this.mode, measurements, this.options.limitBytes);
      if (mode === this.mode) return;
      this.enterMode(mode);
    }
  }

  private enterMode(mode: OutboxMode): void {
    assert(isTransitionAllowed(this.mode, mode), `invalid transition of the outbox mode: ${this.mode} → ${mode}`);
    this.mode = mode;
    this.shedding = sheddingIn(mode);
    for (const listener of this.listeners) listener(mode);
  }
}

function describe(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT") return `the disk is full (${code})`;
  return withoutPath(error as Error);
}
