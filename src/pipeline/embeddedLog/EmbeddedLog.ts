/**
 * The log port over the outbox of this process. Each topic has one partition, and an offset is the number of a record. Consumers
 * read the outbox directly. Records that all groups have stored are acknowledged. This log works for a single process only;
 * several processes need Kafka.
 */
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { onceAMinute } from "../../platform/logging/onceAMinute.ts";
import { encodeVerbatim } from "../events/verbatimRecord.ts";
import type { BatchHandler, Consumer, EventLog, OutgoingMessage } from "../log/EventLog.ts";
import { withoutPath } from "../outbox/damage.ts";
import { OutboxDamaged, type OutboxDrain, type OutboxWriter } from "../outbox/Outbox.ts";
import { openDrain, openReader } from "../outbox/openOutbox.ts";
import { EmbeddedConsumer } from "./EmbeddedConsumer.ts";
import { StoredProgress } from "./StoredProgress.ts";

const ACKNOWLEDGE_EVERY_MS = 500;
const POLL_MS = 20;

/** The part of the outbox's writer that the log needs. The writer can be on another thread. */
export type LogWriter = Pick<
  OutboxWriter,
  "logId" | "directory" | "append" | "appended" | "committed" | "whenCommitted" | "refusal"
>;

export interface EmbeddedLogOptions {
  readonly writer: LogWriter;
  /**
   * All groups that consume this log. A record is acknowledged only after every group has stored it. So the outbox fills up if a
   * group is listed here but has no consumer.
   */
  readonly groups: readonly string[];
  /**
   * Other groups whose names begin with this may read what the log still has. Records that they have not read are acknowledged
   * nevertheless. Omitted: there are none.
   */
  readonly readerPrefix?: string;
  readonly logger: Logger;
}

export class EmbeddedLog implements EventLog {
  readonly #writer: LogWriter;
  readonly #drain: OutboxDrain;
  readonly #logger: Logger;
  readonly #progress: StoredProgress;
  readonly #readerPrefix: string | undefined;
  readonly #timer: NodeJS.Timeout;
  /** The newest consumer of each group. The next consumer of the group waits until this one has stopped. */
  readonly #consumers = new Map<string, EmbeddedConsumer>();
  #acknowledging: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  private constructor(drain: OutboxDrain, { writer, groups, readerPrefix, logger }: EmbeddedLogOptions) {
    this.#readerPrefix = readerPrefix;
    this.#writer = writer;
    this.#drain = drain;
    // Usually, all topics and groups fail for the same reason, again and again.
    this.#logger = onceAMinute(logger);
    this.#progress = new StoredProgress(drain, groups);
    this.#timer = setInterval(() => this.#acknowledge(), ACKNOWLEDGE_EVERY_MS);
  }

  /** Rejects with `OutboxLocked` if another process drains this outbox. */
  static async open(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
    return new EmbeddedLog(await openDrain(options.writer.directory), options);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) {
      const bytes = encodeVerbatim(message);
      if (this.#writer.append(bytes, bytes.length) === 0)
        throw new Error(this.#writer.refusal() ?? "the outbox did not accept the message");
    }
    await this.#writer.whenCommitted();
  }

  async consume(group: string, topics: readonly string[], handler: BatchHandler): Promise<Consumer> {
    const previousStopped = this.#consumers.get(group)?.stopped.catch(() => {}) ?? Promise.resolve();
    const consumer = new EmbeddedConsumer({
      reader: openReader(this.#drain.directory),
      writer: this.#writer,
      progress: this.#isReader(group) ? this.#progress.forReader() : this.#progress.forGroup(group),
      topics,
      handler,
      logger: this.#logger,
      previousStopped,
      group,
    });
    this.#consumers.set(group, consumer);
    return consumer;
  }

  problem(): string | null {
    const consumers = [...this.#consumers.values()].map((consumer) => consumer.problem());
    return [this.#problem, ...consumers].find((problem) => problem !== null) ?? null;
  }

  /** Always empty: no one else can change the topics of an embedded log. */
  warnings(): string[] {
    return [];
  }

  /**
   * Resolves once every consumer, except those that only read, has accepted the records up to `record`, of which the last must be
   * committed, or has failed, or after `withinMs`.
   */
  async untilApplied(record: number, withinMs: number): Promise<void> {
    const deadline = AbortSignal.timeout(withinMs);
    const isDone = () =>
      [...this.#consumers].every(([group, consumer]) => this.#isReader(group) || consumer.isDoneUpTo(record));
    while (!isDone() && !deadline.aborted) await waitMs(POLL_MS, deadline);
  }

  /** Stops the consumers, acknowledges what they have stored, and releases the outbox. The writer stays open. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stop()));
    await this.#acknowledge();
    await this.#drain.close();
  }

  #isReader(group: string): boolean {
    return this.#readerPrefix !== undefined && group.startsWith(this.#readerPrefix);
  }

  #acknowledge(): Promise<void> {
    this.#acknowledging = this.#acknowledging.then(async () => {
      try {
        await this.#progress.acknowledge();
        this.#problem = null;
      } catch (error) {
        this.#problem =
          error instanceof OutboxDamaged ? error.message : `outbox ${this.#drain.id}: ${withoutPath(error as Error)}`;
        this.#logger.warn({ error: (error as Error).message }, "acknowledging outbox records failed; retrying");
      }
    });
    return this.#acknowledging;
  }
}
