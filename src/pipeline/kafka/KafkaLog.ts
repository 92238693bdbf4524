import type { Logger } from "../../platform/logging/Logger.ts";
import { onceAMinute } from "../../platform/logging/onceAMinute.ts";
import type { BatchHandler, Consumer, EventLog, OutgoingMessage } from "../log/EventLog.ts";
import { chooseClient } from "./chooseClient.ts";
import type { KafkaConfig } from "./config.ts";
import type { KafkaClient } from "./KafkaClient.ts";
import { KafkaConsumer } from "./KafkaConsumer.ts";
import { KafkaProducer } from "./KafkaProducer.ts";
import { KnownTopics } from "./KnownTopics.ts";

/** The log port over Kafka: one producer and any number of consumers. */
export class KafkaLog implements EventLog {
  readonly #config: KafkaConfig;
  readonly #logger: Logger;
  readonly #kafka: KafkaClient;
  readonly #topics: KnownTopics;
  readonly #producer: KafkaProducer;
  readonly #consumers = new Set<KafkaConsumer>();
  /**
   * By group: the consumer that ended because its handler could not continue. Its problem is reported until the group is consumed
   * again.
   */
  readonly #ended = new Map<string, KafkaConsumer>();

  constructor(config: KafkaConfig, given: Logger) {
    // Usually, all partitions and groups fail for the same reason, again and again.
    const logger = onceAMinute(given);
    this.#config = config;
    this.#logger = logger;
    this.#kafka = chooseClient(config, logger);
    // Wrong settings of topics do not keep consumers from reading.
    this.#topics = new KnownTopics({ config, kafka: this.#kafka, logger, breaks: null });
    this.#producer = new KafkaProducer(config, logger, this.#topics);
  }

  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    return this.#producer.send(messages);
  }

  /** Resolves at once. While the brokers are unavailable, `problem` reports it and the consumer retries. */
  async consume(group: string, topics: readonly string[], handler: BatchHandler): Promise<Consumer> {
    const consumer = new KafkaConsumer({
      config: this.#config,
      kafka: this.#kafka,
      knownTopics: this.#topics,
      logger: this.#logger,
      group,
      topics,
      handler,
    });
    this.#consumers.delete(this.#ended.get(group)!);
    this.#consumers.add(consumer);
    consumer.stopped.then(
      () => this.#consumers.delete(consumer),
      () => this.#ended.set(group, consumer),
    );
    return consumer;
  }

  problem(): string | null {
    const parts = [this.#producer, ...this.#consumers];
    return parts.map((part) => part.problem()).find((problem) => problem !== null) ?? null;
  }

  warnings(): string[] {
    return this.#topics.conditions().map(({ line }) => line);
  }

  async close(): Promise<void> {
    await Promise.all([...[...this.#consumers].map((consumer) => consumer.stop()), this.#producer.close()]);
  }
}
