/**
 * A consumer over its whole life: one session after another, with growing backoffs while the brokers are unavailable, until it is
 * stopped or its handler cannot continue.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import { Gate } from "../../platform/async/Gate.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import { ConsumerProgress } from "../log/ConsumerProgress.ts";
import { type BatchHandler, type Consumer, PartitionLost, Unrecoverable } from "../log/EventLog.ts";
import { ConsumerSession, type SessionOptions } from "./ConsumerSession.ts";
import type { KafkaConfig } from "./config.ts";
import type { KafkaClient } from "./KafkaClient.ts";
import type { KnownTopics } from "./KnownTopics.ts";
import { describeProblem } from "./problem.ts";

const IDLE_EVERY_MS = 1000;
/** A session that ends sooner after joining the group counts as another failure, and the next pause is longer. */
const STEADY_MS = 30_000;

type Session = Pick<ConsumerSession, "run" | "stop" | "fail" | "restartAll">;

interface KafkaConsumerOptions {
  readonly config: KafkaConfig;
  readonly kafka: KafkaClient;
  readonly knownTopics: KnownTopics;
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
  /** By topic and partition: those that the group assigned to this process last. They outlive a session. */
  readonly #progress: ConsumerProgress;
  #session: Session | null = null;
  #joinedAt: number | null = null;
  #hasJoined = false;
  #problem: string | null = null;

  constructor(
    options: KafkaConsumerOptions,
    openSession: (options: SessionOptions) => Session = (of) => new ConsumerSession(of),
  ) {
    this.#options = options;
    this.#openSession = openSession;
    this.#progress = new ConsumerProgress(options.handler);
    this.stopped = this.#run();
    // A caller may await `stopped` for the reason. Without this handler, the rejection would be unhandled if no caller awaits it.
    this.stopped.catch(() => {});
  }

  problem(): string | null {
    return this.#problem;
  }

  lagSeconds(): number {
    return this.#progress.lagSeconds(Date.now());
  }

  isCaughtUp(): boolean {
    return this.#progress.isCaughtUp();
  }

  hasJoined(): boolean {
    return this.#hasJoined;
  }

  problems(): string[] {
    return this.#progress.problems();
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
    const failedAfterJoining = this.#joinedAt !== null;
    this.#joinedAt = null;
    const session = this.#openSession(this.#sessionOptions(failedAfterJoining));
    this.#session = session;
    try {
      await session.run();
    } catch (error) {
      if (error instanceof Unrecoverable) {
        this.#problem = `consumer group ${group} stopped: ${error.message}`;
        throw error;
      }
      this.#problem = describeProblem(error, config);
      if (this.#joinedAt !== null && performance.now() - this.#joinedAt > STEADY_MS) this.#backoff.reset();
      logger.warn({ groupId: config.namespace + group, retryInMs: this.#backoff.nextMs }, this.#problem);
      await this.#backoff.wait(this.#stopping.signal);
    }
  }

  /**
   * @param failedAfterJoining whether the previous session failed after it had joined the group. Then joining again proves
   * nothing, and the problem stands until messages can be fetched.
   */
  #sessionOptions(failedAfterJoining: boolean): SessionOptions {
    const works = () => {
      this.#problem = null;
    };
    return {
      ...this.#options,
      gate: this.#gate,
      onJoined: (partitions) => {
        this.#joinedAt ??= performance.now();
        this.#hasJoined = true;
        this.#progress.keepOnly(partitions);
        if (!failedAfterJoining || partitions.length === 0) works();
      },
      onFetched: works,
      progressOf: (partition) => this.#progress.of(partition),
    };
  }

  async #idle(): Promise<void> {
    const { handler, logger } = this.#options;
    if (handler.onIdle === undefined || this.#stopping.signal.aborted) return;
    try {
      await this.#gate.exclusive(() => handler.onIdle!());
      this.#progress.idleSucceeded();
    } catch (error) {
      if (error instanceof Unrecoverable) return this.#session?.fail(error);
      this.#progress.idleFailed(error);
      if (!(error instanceof PartitionLost))
        logger.warn(
          { error: (error as Error).message },
          "storing the batches in memory failed; retrying from the stored offsets",
        );
      this.#session?.restartAll();
    }
  }
}
