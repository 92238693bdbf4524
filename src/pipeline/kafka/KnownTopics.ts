/**
 * What a process knows about its topics. Creates missing topics. Checks the settings of each topic when it is first used, and every
 * minute, and reports wrong ones. A topic is held while its messages would be lost or are not accepted: then nothing is sent to it,
 * and its messages wait.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import { waitMs } from "../../platform/async/waiting.ts";
import { type Broken, type Condition, Health } from "../../platform/health/Health.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { KafkaConfig } from "./config.ts";
import type { KafkaClient } from "./KafkaClient.ts";
import { checkSettings, type TopicDescription } from "./topicSettings.ts";
import { describeMissing, describeTopics, ensureTopics } from "./topics.ts";

const CHECK_EVERY_MS = 60_000;
/** The interval of the check while a topic is held. */
const CHECK_HELD_EVERY_MS = 5000;
const RETRY_FIRST_MS = 1000;
const RETRY_LAST_MS = 15_000;
const MISSING = "missing topics";

interface KnownTopic {
  readonly partitions: number;
  /** Null if it is unknown. */
  readonly maxBytes: number | null;
  /** Whether a setting would lose messages. */
  readonly isHeld: boolean;
}

interface KnownTopicsOptions {
  readonly config: KafkaConfig;
  readonly kafka: KafkaClient;
  readonly logger: Logger;
  /** The part of the program that does not work while a topic is held. */
  readonly breaks: Broken;
}

/** An attempt that failed, and when the next one is due. */
class Retry {
  readonly #backoff = new Backoff(RETRY_FIRST_MS, RETRY_LAST_MS);
  #at = 0;

  get isDue(): boolean {
    return performance.now() >= this.#at;
  }

  failed(): void {
    this.#at = performance.now() + this.#backoff.takeMs();
  }
}

export class KnownTopics {
  readonly #options: KnownTopicsOptions;
  readonly #health: Health;
  readonly #known = new Map<string, KnownTopic>();
  /** Topics to check before they are used next. */
  readonly #stale = new Set<string>();
  readonly #missing = new Map<string, Retry>();
  readonly #refused = new Map<string, Retry>();
  /** Number of refusals since the start, by topic. */
  readonly refusals = new Map<string, number>();
  readonly #watched = new Set<string>();
  readonly #closing = new AbortController();
  #watching: Promise<void> | null = null;
  #checking: Promise<unknown> = Promise.resolve();
  /** Why the brokers last refused to create the missing topics. */
  #reason = "";
  /** Increases when the number of partitions of a topic changes. */
  version = 0;

  constructor(options: KnownTopicsOptions) {
    this.#options = options;
    this.#health = new Health(options.logger);
  }

  /** Wrong settings of topics, and why topics are held. */
  conditions(): Condition[] {
    return this.#health.standing();
  }

  /**
   * Creates and checks those of `topics` that are not known yet. Then checks all topics again every minute until `close`. If a
   * topic cannot be created, it remains unknown. Rejects with the client's error if the brokers are unavailable.
   */
  async load(topics: readonly string[]): Promise<void> {
    const isUnknown = (topic: string) =>
      (!this.#known.has(topic) || this.#stale.has(topic)) && (this.#missing.get(topic)?.isDue ?? true);
    if (topics.some(isUnknown)) await this.#inTurn(() => this.#check(topics.filter(isUnknown)));
    for (const topic of topics) this.#watched.add(topic);
    this.#watching ??= this.#watch();
  }

  /** The line about missing topics if one of `topics` is missing, otherwise null. */
  missing(topics: readonly string[]): string | null {
    if (!topics.some((topic) => this.#missing.has(topic))) return null;
    return this.#describeMissing();
  }

  /** Null if the topic is not known. */
  partitionsOf(topic: string): number | null {
    return this.#known.get(topic)?.partitions ?? null;
  }

  maxBytesOf(topic: string): number | null {
    return this.#known.get(topic)?.maxBytes ?? null;
  }

  /** Whether nothing may be sent to the topic now. */
  isHeld(topic: string): boolean {
    const retries = [this.#missing.get(topic), this.#refused.get(topic)];
    return this.#known.get(topic)?.isHeld === true || retries.some((retry) => retry?.isDue === false);
  }

  /** Makes these topics be checked again before they are used next, because they may have been deleted. */
  forget(topics: Iterable<string>): void {
    for (const topic of topics) this.#stale.add(topic);
  }

  /** Call it when the brokers did not accept a message of the topic. Holds the topic for a while. */
  refuse(topic: string, line: string): void {
    let retry = this.#refused.get(topic);
    if (retry === undefined) this.#refused.set(topic, (retry = new Retry()));
    retry.failed();
    this.refusals.set(topic, (this.refusals.get(topic) ?? 0) + 1);
    this.#health.report(`topic ${topic}: sending`, line, this.#options.breaks);
  }

  /** Call it when the brokers accepted messages of these topics. */
  accept(topics: Iterable<string>): void {
    if (this.#refused.size === 0) return;
    for (const topic of topics) if (this.#refused.delete(topic)) this.#health.clear(`topic ${topic}: sending`);
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#closing;
    const backoff = new Backoff(RETRY_FIRST_MS, CHECK_EVERY_MS);
    for (let hasFailed = false; ; ) {
      const isAnyHeld = [...this.#watched].some((topic) => this.#known.get(topic)?.isHeld ?? true);
      if (hasFailed) await backoff.wait(signal);
      else await waitMs(isAnyHeld ? CHECK_HELD_EVERY_MS : CHECK_EVERY_MS, signal);
      if (signal.aborted) return;
      // If the brokers are unavailable, the producer and the consumers report it.
      hasFailed = await this.#inTurn(() => this.#check([...this.#watched])).then(
        () => false,
        () => true,
      );
      if (!hasFailed) backoff.reset();
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#checking.then(work);
    this.#checking = done.catch(() => {});
    return done;
  }

  async #check(topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    const { config, kafka } = this.#options;
    const admin = await kafka.openAdmin();
    try {
      const { existing, missing, reason } = await ensureTopics(admin, topics, config);
      for (const description of await describeTopics(admin, existing, config)) this.#learn(description);
      for (const topic of missing) this.#miss(topic);
      this.#reason = reason ?? this.#reason;
      const line = this.#describeMissing();
      if (line === null) this.#health.clear(MISSING);
      else this.#health.report(MISSING, line, this.#options.breaks);
    } finally {
      await admin.close();
    }
  }

  #describeMissing(): string | null {
    return this.#missing.size === 0
      ? null
      : describeMissing([...this.#missing.keys()].sort(), this.#reason, this.#options.config);
  }

  #miss(topic: string): void {
    this.#known.delete(topic);
    let retry = this.#missing.get(topic);
    if (retry === undefined) this.#missing.set(topic, (retry = new Retry()));
    retry.failed();
  }

  #learn(description: TopicDescription): void {
    const { topic, partitions, settings } = description;
    const { config, breaks } = this.#options;
    let isHeld = false;
    for (const { setting, line, holds } of checkSettings(description, config)) {
      const name = `topic ${topic}: ${setting}`;
      if (line === null) this.#health.clear(name);
      else this.#health.report(name, line, holds ? breaks : null);
      isHeld ||= holds;
    }
    this.#missing.delete(topic);
    this.#stale.delete(topic);
    if (this.#known.get(topic)?.partitions !== partitions) this.version++;
    const maxBytes = settings?.get("max.message.bytes");
    this.#known.set(topic, { partitions, maxBytes: maxBytes === undefined ? null : Number(maxBytes), isHeld });
  }
}
