/**
 * Owns the draining of one outbox: reads it, has its messages sent, and gives up what the brokers acknowledged. One send
 * is outstanding at a time, so the records of the outbox enter a partition in their order; the next batch is read and expanded
 * meanwhile, and no more than that one. What dies between an acknowledgement and its record here is sent again.
 *
 *     sending ⇄ resting → closing → sending       resting when all is sent; closing while matches of a dead process are ended
 *     sending, resting → waiting → sending         the outbox could not be read or given up: another attempt after a pause
 *     any of them → stopped, for good
 */
import assert from "node:assert/strict";
import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { closeOpenMatches } from "../events/closeOpenMatches.ts";
import { type FeedBatch, OutboxFeed } from "../events/OutboxFeed.ts";
import { openMatchChanges, openMatchesIn } from "../events/openMatches.ts";
import type { OutgoingMessage } from "../log/Log.ts";
import type { OutboxDrain } from "../outbox/Outbox.ts";
import { takeOver } from "../outbox/openOutbox.ts";
import { Acknowledger } from "./Acknowledger.ts";

export type RelayMode = "sending" | "resting" | "closing" | "waiting" | "stopped";

const followers: Readonly<Record<RelayMode, readonly RelayMode[]>> = {
  sending: ["resting", "waiting", "stopped"],
  resting: ["sending", "closing", "waiting", "stopped"],
  closing: ["sending", "resting", "waiting", "stopped"],
  waiting: ["sending", "stopped"],
  stopped: [],
};

/** Whether `from` may be followed by `to`. */
export function mayFollow(from: RelayMode, to: RelayMode): boolean {
  return followers[from].includes(to);
}

/** Records are compact: as messages they take about ten times as much. Two such batches are in memory. */
const READ_BYTES = 512 * 1024;
/** A send costs as much with few records as with many: fewer than so many wait for others, for so long after the last send. */
const FEW_RECORDS = 500;
const GATHER_MS = 30;
const POLL_MS = 10;
/** After this many looks in vain they become rarer: nobody plays, or the process is dead. */
const EMPTY_POLLS = 100;
const QUIET_POLL_MS = 100;
const CLOSE_EVERY_MS = 1000;
/** The outbox is opened as a writer only to append a few ends of matches. */
const CLOSING_BOUND_BYTES = 2 ** 40;

interface OutboxRelayOptions {
  readonly drain: OutboxDrain;
  /** Resolves when every message is acknowledged; rejects only when the sender is closed. */
  readonly send: (messages: readonly OutgoingMessage[]) => Promise<void>;
  readonly logger: Logger;
  readonly acknowledgeEveryMs: number;
}

export class OutboxRelay {
  readonly stopped: Promise<void>;
  readonly #options: OutboxRelayOptions;
  readonly #feed: OutboxFeed;
  readonly #acknowledger: Acknowledger;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(200, 5000);
  #mode: RelayMode = "resting";
  #problem: string | null = null;
  #oldestAt: number | null = null;
  #closeAt = 0;
  /** Nothing more is waited for. */
  #finishing = false;
  /** Open matches that could not be closed; they are not tried again before others come. */
  #unreadable = 0;
  #emptyPolls = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  messagesAcknowledged = 0;
  batchesAcknowledged = 0;

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#feed = new OutboxFeed(options.drain);
    this.#acknowledger = new Acknowledger(options.drain, options.acknowledgeEveryMs);
    this.stopped = this.#run();
  }

  get mode(): RelayMode {
    return this.#mode;
  }

  problem(): string | null {
    return this.#problem;
  }

  /** Age of the oldest record that is read and not acknowledged by the brokers; 0 when there is none. */
  oldestSeconds(nowMs: number): number {
    return this.#oldestAt === null ? 0 : Math.max(0, (nowMs - this.#oldestAt) / 1000);
  }

  /**
   * Sends what was written by now and frees the outbox. After `withinMs` it finishes only the batch that is being sent, if the
   * sender does.
   */
  async stop(withinMs = 0): Promise<void> {
    this.#finishing = true;
    const timer = setTimeout(() => this.#stopping.abort(), withinMs);
    await this.stopped;
    clearTimeout(timer);
  }

  #become(mode: RelayMode): void {
    if (mode === this.#mode) return;
    assert(mayFollow(this.#mode, mode), `relay mode ${this.#mode} may not be followed by ${mode}`);
    this.#mode = mode;
  }

  async #run(): Promise<void> {
    const { drain, logger } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#drainFrom(this.#acknowledger.upTo);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        this.#problem = `outbox ${drain.directory}: ${(error as Error).message}`;
        logger.error({ outbox: drain.id, retryInMs: this.#backoff.nextMs }, this.#problem);
        this.#become("waiting");
        await this.#backoff.wait(this.#stopping.signal);
      }
    }
    this.#become("stopped");
    await this.#acknowledger.finish().catch((error: Error) => logger.warn({ error: error.message }, "not given up"));
    await drain.close();
  }

  async #drainFrom(after: number): Promise<void> {
    let batch = await this.#feed.read(after, READ_BYTES);
    let isLastLook = false;
    while (!this.#stopping.signal.aborted) {
      if (batch.records.length === 0) {
        if (isLastLook) return this.#stopping.abort();
        isLastLook = this.#finishing;
        if (!isLastLook) await this.#rest();
        batch = await this.#feed.read(batch.upTo, READ_BYTES);
        continue;
      }
      this.#become("sending");
      this.#oldestAt = batch.records[0].appendedAt;
      batch = await this.#gathered(batch);
      this.#sentAt = performance.now();
      const following = this.#feed.read(batch.upTo, READ_BYTES);
      const [sent, read] = await Promise.allSettled([this.#send(batch), following]);
      if (sent.status === "rejected") throw sent.reason;
      if (read.status === "rejected") throw read.reason;
      batch = read.value;
      this.#emptyPolls = 0;
    }
  }

  /** The batch, with what comes while it waits for company. */
  async #gathered(batch: FeedBatch): Promise<FeedBatch> {
    const restMs = this.#sentAt + GATHER_MS - performance.now();
    if (restMs <= 0 || this.#finishing || batch.records.length >= FEW_RECORDS) return batch;
    await waitMs(restMs, this.#stopping.signal);
    const more = await this.#feed.read(batch.upTo, READ_BYTES);
    return {
      records: [...batch.records, ...more.records],
      messages: [...batch.messages, ...more.messages],
      upTo: more.upTo,
    };
  }

  async #send({ records, messages, upTo }: FeedBatch): Promise<void> {
    const all = messages.flat();
    await this.#options.send(all);
    this.messagesAcknowledged += all.length;
    this.batchesAcknowledged++;
    this.#problem = null;
    this.#backoff.reset();
    this.#acknowledger.add(upTo, openMatchChanges(records));
  }

  async #rest(): Promise<void> {
    if (this.#mode === "waiting") this.#become("sending");
    this.#become("resting");
    this.#oldestAt = null;
    this.#acknowledger.throwFailure();
    if (Date.now() >= this.#closeAt) {
      this.#closeAt = Date.now() + CLOSE_EVERY_MS;
      await this.#closeMatchesOfTheDead();
    }
    await waitMs(this.#emptyPolls++ < EMPTY_POLLS ? POLL_MS : QUIET_POLL_MS, this.#stopping.signal);
  }

  /** Ends the matches of a process that died, once all it wrote is sent. Does nothing while the writer lives. */
  async #closeMatchesOfTheDead(): Promise<void> {
    const { drain, logger } = this.#options;
    if (this.#acknowledger.pending || openMatchesIn(drain.state).size <= this.#unreadable) return;
    const writer = await takeOver(drain.directory, { boundBytes: CLOSING_BOUND_BYTES });
    if (writer === null) return;
    this.#become("closing");
    try {
      const { closed, unreadable } = await closeOpenMatches(writer, Date.now());
      this.#unreadable = unreadable;
      logger.info({ outbox: drain.id, closed, unreadable }, "ended the matches of a process that died");
    } finally {
      await writer.close();
    }
    this.#become("resting");
  }
}
