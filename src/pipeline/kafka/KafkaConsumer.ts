/**
 * A consumer over its whole life: one session after another, with growing backoffs while the brokers are unavailable, until it is
 * stopped or its handler cannot continue.
 */
import type { Kafka } from "kafkajs";
import { Backoff } from "../../platform/async/Backoff.ts";
import { Gate } from "../../platform/async/Gate.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { type BatchHandler, type Consumer, PartitionLost, Unrecoverable } from "../log/EventLog.ts";
import { ConsumerSession, type SessionOptions } from "./ConsumerSession.ts";
import type { KafkaConfig } from "./config.ts";
import { describeProblem } from "./problem.ts";

const IDLE_EVERY_MS = 1000;

interface KafkaConsumerOptions {
  readonly config: KafkaConfig;
  readonly kafka: Kafka;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  readonly logger: Logger;
}

export class KafkaConsumer implements Consumer {
  readonly stopped: Promise<void>;
  readonly #options: KafkaConsumerOptions;
  readonly #gate = new Gate();
  readonly #stopping = new AbortController();
  readonly #backoff = new Backoff(250, 10_000);
  #session: ConsumerSession | null = null;
  #problem: string | null = null;

  constructor(options: KafkaConsumerOptions) {
    this.#options = options;
    this.stopped = this.#run();
    // A caller may await `stopped` for the reason. Without this handler, the rejection would be unhandled if no caller awaits it.
    this.stopped.catch(() => {});
  }

  problem(): string | null {
    return this.#problem;
  }

  lagSeconds(): number {
    return this.#session?.lagSeconds(Date.now()) ?? 0;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#session?.stop();
    const failed = await this.stopped.then(
      () => false,
      () => true,
    );
    if (!failed) this.#problem = null;
  }

  async #run(): Promise<void> {
    const idle = setInterval(() => this.#idle(), IDLE_EVERY_MS);
    try {
      while (!this.#stopping.signal.aborted) await this.#runSession();
    } finally {
      clearInterval(idle);
    }
  }

  async #runSession(): Promise<void> {
    const { config, group, logger } = this.#options;
    const session = new ConsumerSession(this.#sessionOptions());
    this.#session = session;
    try {
      await session.run();
    } catch (error) {
      if (error instanceof Unrecoverable) {
        this.#problem = `consumer group ${group} stopped: ${error.message}`;
        throw error;
      }
      this.#problem = describeProblem(error, config);
      logger.warn({ groupId: config.namespace + group, retryInMs: this.#backoff.nextMs }, this.#problem);
      await this.#backoff.wait(this.#stopping.signal);
    }
  }

  #sessionOptions(): SessionOptions {
    return {
      ...this.#options,
      gate: this.#gate,
      onJoined: () => {
        this.#problem = null;
        this.#backoff.reset();
      },
    };
  }

  async #idle(): Promise<void> {
    const { handler, logger } = this.#options;
    if (handler.onIdle === undefined || this.#stopping.signal.aborted) return;
    try {
      await this.#gate.exclusive(() => handler.onIdle!());
    } catch (error) {
      if (error instanceof Unrecoverable) return this.#session?.fail(error);
      if (!(error instanceof PartitionLost))
        logger.warn(
          { error: (error as Error).message },
          "storing the batches in memory failed; retrying from the stored offsets",
        );
      this.#session?.restartAll();
    }
  }
}
