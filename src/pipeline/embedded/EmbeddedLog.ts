/**
 * The log port over the outbox of this process: one partition a topic, an offset is a record's number. Consumers read
 * the outbox themselves; what all groups have stored is given back to the outbox. For one process that does everything;
 * with several, Kafka stands between them.
 */

import type { Logger } from "../../platform/logging/Logger.ts";
import { encodeVerbatim } from "../events/verbatimRecord.ts";
import type { BatchHandler, Consumer, Log, OutgoingMessage } from "../log/Log.ts";
import type { OutboxDrain, OutboxWriter } from "../outbox/Outbox.ts";
import { openDrain, openReader } from "../outbox/openOutbox.ts";
import { EmbeddedConsumer } from "./EmbeddedConsumer.ts";
import { StoredProgress } from "./StoredProgress.ts";

const ACKNOWLEDGE_EVERY_MS = 500;

/** What the log needs of the outbox's writer; it may live in another thread. */
export type LogWriter = Pick<
  OutboxWriter,
  "id" | "directory" | "append" | "appended" | "committed" | "settled" | "refusal"
>;

export interface EmbeddedLogOptions {
  readonly writer: LogWriter;
  /**
   * All groups that consume this log. Nothing is given back before each of them has stored it, so a group that is
   * named here and never consumes fills the outbox.
   */
  readonly groups: readonly string[];
  readonly logger: Logger;
}

export class EmbeddedLog implements Log {
  readonly #writer: LogWriter;
  readonly #drain: OutboxDrain;
  readonly #logger: Logger;
  readonly #progress: StoredProgress;
  readonly #timer: NodeJS.Timeout;
  /** The last consumer of each group; another one waits until it has stopped. */
  readonly #consumers = new Map<string, EmbeddedConsumer>();
  #acknowledging: Promise<void> = Promise.resolve();
  #problem: string | null = null;

  private constructor(drain: OutboxDrain, { writer, groups, logger }: EmbeddedLogOptions) {
    this.#writer = writer;
    this.#drain = drain;
    this.#logger = logger;
    this.#progress = new StoredProgress(drain, groups);
    this.#timer = setInterval(() => this.#acknowledge(), ACKNOWLEDGE_EVERY_MS);
  }

  /** Rejects with `OutboxLocked` where another process drains this outbox. */
  static async open(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
    return new EmbeddedLog(await openDrain(options.writer.directory), options);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<void> {
    for (const message of messages) {
      const bytes = encodeVerbatim(message);
      if (this.#writer.append(bytes, bytes.length) === 0)
        throw new Error(this.#writer.refusal() ?? "the outbox took no message");
    }
    await this.#writer.settled();
  }

  async consume(group: string, topics: readonly string[], handler: BatchHandler): Promise<Consumer> {
    const before = this.#consumers.get(group)?.stopped.catch(() => {}) ?? Promise.resolve();
    const consumer = new EmbeddedConsumer({
      reader: openReader(this.#drain.directory),
      writer: this.#writer,
      progress: this.#progress.of(group),
      topics,
      handler,
      logger: this.#logger,
      before,
      group,
    });
    this.#consumers.set(group, consumer);
    return consumer;
  }

  problem(): string | null {
    const consumers = [...this.#consumers.values()].map((consumer) => consumer.problem());
    return [this.#problem, ...consumers].find((problem) => problem !== null) ?? null;
  }

  /** Stops the consumers, gives back what they have stored, and frees the outbox; the writer stays open. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#consumers.values()].map((consumer) => consumer.stop()));
    await this.#acknowledge();
    await this.#drain.close();
  }

  #acknowledge(): Promise<void> {
    this.#acknowledging = this.#acknowledging.then(async () => {
      try {
        await this.#progress.acknowledge();
        this.#problem = null;
      } catch (error) {
        this.#problem = `outbox ${this.#drain.directory}: ${(error as Error).message}`;
        this.#logger.warn({ error: (error as Error).message }, "the outbox took no acknowledgement");
      }
    });
    return this.#acknowledging;
  }
}
