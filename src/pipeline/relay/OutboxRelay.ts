/**
 * Drains one outbox: reads it, sends its messages, and acknowledges the records that the brokers have stored. One send is
 * outstanding at a time, so records enter a partition in their order. Meanwhile only the next batch is read and expanded. If the
 * relay dies between the brokers' acknowledgement and its own, the messages are sent again, to the same partitions.
 *
 * A topic that accepts no messages does not delay other topics. It delays only the acknowledgement of records with its messages.
 * When the topic accepts messages again, these records are read a second time. If the relay dies before that, they are sent again
 * to all topics.
 *
 *     sending ⇄ resting → closing → sending       resting: everything is sent; closing: ends the matches and connections of a dead process
 *     sending, resting → waiting → sending        reading or acknowledging the outbox failed: retry after a backoff
 *     any of them → stopped                       final: after `stop`, or because the rest of the outbox is damaged
 */
import assert from "node:assert/strict";
import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { Tracer } from "../../platform/tracing/Tracer.ts";
import { closeMatchesOfDeadProcess } from "../events/closeOpenMatches.ts";
import { type FeedBatch, OutboxFeed } from "../events/OutboxFeed.ts";
import { countOpen } from "../events/openChanges.ts";
import { toLine } from "../log/toLine.ts";
import { withoutPath } from "../outbox/damage.ts";
import { OutboxDamaged, type OutboxDrain } from "../outbox/Outbox.ts";
import { Acknowledger } from "./Acknowledger.ts";
import { RecordSender, type Sender } from "./RecordSender.ts";

export type RelayMode = "sending" | "resting" | "closing" | "waiting" | "stopped";

const transitions: Readonly<Record<RelayMode, readonly RelayMode[]>> = {
  sending: ["resting", "waiting", "stopped"],
  resting: ["sending", "closing", "waiting", "stopped"],
  closing: ["sending", "resting", "waiting", "stopped"],
  waiting: ["sending", "stopped"],
  stopped: [],
};

/** Whether the mode is allowed to change from `from` to `to`. */
export function isTransitionAllowed(from: RelayMode, to: RelayMode): boolean {
  return transitions[from].includes(to);
}

/** Records are compact: their messages take about ten times as much. Two such batches are in memory. */
const READ_BYTES = 512 * 1024;
/**
 * A send of a few records costs as much as one of many. A smaller batch waits for more records until `GATHER_MS` after the last
 * send.
 */
const FEW_RECORDS = 500;
const GATHER_MS = 50;
const POLL_MS = 10;
/** After this many empty reads the outbox is polled less often: nobody plays, or the process is dead. */
const EMPTY_POLLS = 100;
const QUIET_POLL_MS = 100;
const CLOSE_EVERY_MS = 1000;

interface OutboxRelayOptions {
  readonly drain: OutboxDrain;
  readonly sender: Sender;
  readonly logger: Logger;
  readonly acknowledgeEveryMs: number;
  /** If omitted, nothing is traced. */
  readonly tracer?: Tracer;
}

export class OutboxRelay {
  readonly stopped: Promise<void>;
  readonly #options: OutboxRelayOptions;
  readonly #feed: OutboxFeed;
  readonly #acknowledger: Acknowledger;
  readonly #sender: RecordSender;
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(200, 5000);
  #mode: RelayMode = "resting";
  #damage: string | null = null;
  /** Each stands until the same operation succeeds. */
  #readFailure: string | null = null;
  #closeFailure: string | null = null;
  #oldestAt: number | null = null;
  #closeAt = 0;
  /** Whether `stop` was called: send the rest without waiting for more records. */
  #finishing = false;
  /** Number of open matches that could not be closed. They are retried only when there are more open matches. */
  #unreadable = 0;
  #emptyPolls = 0;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: OutboxRelayOptions) {
    this.#options = options;
    this.#feed = new OutboxFeed(options.drain);
    this.#acknowledger = new Acknowledger(options.drain, options.acknowledgeEveryMs);
    this.#sender = new RecordSender({ ...options, acknowledger: this.#acknowledger });
    this.stopped = this.#run();
  }

  get mode(): RelayMode {
    return this.#mode;
  }

  get messagesAcknowledged(): number {
    return this.#sender.messagesAcknowledged;
  }

  get batchesAcknowledged(): number {
    return this.#sender.batchesAcknowledged;
  }

  /** Why records of this outbox are not sent or not acknowledged, one line each. */
  problems(): string[] {
    const failures = [this.#readFailure, this.#acknowledger.problem(), this.#closeFailure];
    return failures.filter((text) => text !== null).map((text) => this.#toLine(text));
  }

  /** Why it stopped by itself, as one line: the rest of the outbox is damaged. Null if that is not the case. */
  damage(): string | null {
    return this.#damage;
  }

  /** Age of the oldest record that was read and that the brokers have not acknowledged; 0 if there is none. */
  oldestSeconds(nowMs: number): number {
    const held = [...this.#sender.behind.values()].map(({ since }) => since);
    return Math.max(0, (nowMs - Math.min(this.#oldestAt ?? nowMs, ...held)) / 1000);
  }

  /** Age of the oldest message of each topic that accepts no messages. */
  heldSeconds(nowMs: number): Record<string, number> {
    const ages = [...this.#sender.behind].map(([topic, { since }]) => [topic, Math.max(0, (nowMs - since) / 1000)]);
    return Object.fromEntries(ages);
  }

  /**
   * Sends the records that exist now and releases the outbox. After `withinMs` it sends no further batch, and waits only for the
   * current one.
   */
  async stop(withinMs = 0): Promise<void> {
    this.#finishing = true;
    const timer = setTimeout(() => this.#stopping.abort(), withinMs);
    await this.stopped;
    clearTimeout(timer);
  }

  #become(mode: RelayMode): void {
    if (mode === this.#mode) return;
    assert(isTransitionAllowed(this.#mode, mode), `invalid transition of the relay mode: ${this.#mode} → ${mode}`);
    this.#mode = mode;
  }

  async #run(): Promise<void> {
    const { drain, logger } = this.#options;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#drainFrom(this.#sender.startReading());
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        // It stays damaged until it is salvaged, which needs the lock of this drain.
        if (error instanceof OutboxDamaged) {
          this.#damage = error.message;
          break;
        }
        const line = this.#toLine(withoutPath(error as Error));
        logger.error({ outbox: drain.id, retryInMs: this.#backoff.nextMs }, line);
        this.#become("waiting");
        await this.#backoff.wait(this.#stopping.signal);
      }
    }
    this.#become("stopped");
    await this.#acknowledger
      .flush()
      .catch((error: Error) =>
        logger.warn(
          { error: error.message },
          "could not acknowledge the newest records before the stop; they will be sent again after a restart",
        ),
      );
    await drain.close();
  }

  #toLine(text: string): string {
    return toLine(`outbox ${this.#options.drain.id}: ${text}`);
  }

  async #read(after: number): Promise<FeedBatch> {
    try {
      const batch = await this.#feed.read(after, READ_BYTES);
      this.#readFailure = null;
      return batch;
    } catch (error) {
      // Damage has a report of its own, and names the outbox itself.
      if (!(error instanceof OutboxDamaged)) this.#readFailure = withoutPath(error as Error);
      // What cannot be read may be unsent.
      this.#oldestAt ??= Date.now();
      throw error;
    }
  }

  /** Ends when the outbox must be read from another record, or when the relay stops. */
  async #drainFrom(start: number): Promise<void> {
    let after = start;
    let batch = await this.#read(after);
    let isLastRead = false;
    while (!this.#stopping.signal.aborted) {
      if (this.#sender.mustReadFromElsewhere(after)) return;
      if (batch.records.length === 0) {
        this.#sender.onEndReached();
        if (isLastRead) return this.#stopping.abort();
        isLastRead = this.#finishing;
        if (!isLastRead) await this.#rest();
        batch = await this.#read(batch.upTo);
        continue;
      }
      this.#become("sending");
      this.#oldestAt = batch.records[0].appendedAt;
      batch = await this.#gather(batch);
      this.#sentAt = performance.now();
      const following = this.#read(batch.upTo);
      const [sent, read] = await Promise.allSettled([this.#sender.send(batch), following]);
      if (sent.status === "rejected") throw sent.reason;
      if (read.status === "rejected") throw read.reason;
      this.#backoff.reset();
      after = batch.upTo;
      batch = read.value;
      this.#emptyPolls = 0;
    }
  }

  /** Returns the batch, extended by the records that were appended while it waited. */
  async #gather(batch: FeedBatch): Promise<FeedBatch> {
    const restMs = this.#sentAt + GATHER_MS - performance.now();
    if (restMs <= 0 || this.#finishing || batch.records.length >= FEW_RECORDS) return batch;
    await waitMs(restMs, this.#stopping.signal);
    const more = await this.#read(batch.upTo);
    return {
      records: [...batch.records, ...more.records],
      messages: [...batch.messages, ...more.messages],
      upTo: more.upTo,
    };
  }

  async #rest(): Promise<void> {
    if (this.#mode === "waiting") this.#become("sending");
    this.#become("resting");
    this.#oldestAt = null;
    this.#acknowledger.throwFailure();
    if (performance.now() >= this.#closeAt) {
      this.#closeAt = performance.now() + CLOSE_EVERY_MS;
      await this.#tryCloseMatches();
    }
    await waitMs(this.#emptyPolls++ < EMPTY_POLLS ? POLL_MS : QUIET_POLL_MS, this.#stopping.signal);
  }

  async #tryCloseMatches(): Promise<void> {
    try {
      await this.#closeMatchesOfDeadProcess();
      this.#closeFailure = null;
    } catch (error) {
      this.#closeFailure = withoutPath(error as Error);
      throw error;
    }
  }

  /** Ends the matches and connections of a dead process once all its records are sent. Does nothing while the writer is alive. */
  async #closeMatchesOfDeadProcess(): Promise<void> {
    const { drain, logger } = this.#options;
    if (this.#acknowledger.pending || this.#sender.behind.size > 0 || countOpen(drain.state) <= this.#unreadable)
      return;
    const ended = await closeMatchesOfDeadProcess(drain.directory, Date.now(), () => this.#become("closing"));
    if (ended === null) return;
    this.#unreadable = ended.unreadable;
    logger.info({ outbox: drain.id, ...ended }, "ended the unfinished matches and the connections of a dead process");
    this.#become("resting");
  }
}
