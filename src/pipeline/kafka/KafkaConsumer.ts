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
/** A session that ends sooner after joining the group counts as another failure, and the next pause is longer. */
const STEADY_MS = 30_000;

type Session = Pick<ConsumerSession, "run" | "stop" | "fail" | "restartAll" | "lagSeconds" | "problem">;

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
  readonly #openSession: (options: SessionOptions) => Session;
  readonly #backoff = new Backoff(250, 10_000);
  #session: Session | null = null;
  #problem: string | null = null;

  constructor(
    options: KafkaConsumerOptions,
    openSession: (options: SessionOptions) => Session = (of) => new ConsumerSession(of),
  ) {
    this.#options = options;
    this.#openSession = openSession;
    this.stopped = this.#run();
    // A caller may await `stopped` for the reason. Without this handler, the rejection would be unhandled if no caller awaits it.
    this.stopped.catch(() => {});
  }

  problem(): string | null {
    return this.#problem ?? this.#session?.problem() ?? null;
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
    let joinedAt: number | null = null;
    const onJoined = () => {
      joinedAt ??= performance.now();
      this.#problem = null;
    };
    const session = this.#openSession({ ...this.#options, gate: this.#gate, onJoined });
    this.#session = session;
    try {
      await session.run();
    } catch (error) {
      if (error instanceof Unrecoverable) {
        this.#problem = `consumer group ${group} stopped: ${error.message}`;
        throw error;
      }
      this.#problem = describeProblem(error, config);
      if (joinedAt !== null && performance.now() - joinedAt > STEADY_MS) this.#backoff.reset();
      logger.warn({ groupId: config.namespace + group, retryInMs: this.#backoff.nextMs }, this.#problem);
      await this.#backoff.wait(this.#stopping.signal);
    }
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
