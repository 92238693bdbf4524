/**
 * The one producer of a process. It merges the messages of all callers into batches, and resolves each caller's promise when all
 * in-sync replicas have acknowledged its messages.
 *
 * One batch is outstanding at a time, because kafkajs gives the sequence numbers of a failed batch to the next one. With two
 * outstanding, a batch whose acknowledgement was lost would make the brokers drop its successor as a repeat. For the same reason,
 * when all attempts of a batch have failed, its producer is discarded and the batch is sent through a new one. The new one has
 * another producer id, so messages that the brokers had already stored are stored twice, which at-least-once delivery permits.
 * Nothing later is sent until a batch is acknowledged, so the order within a partition is kept.
 *
 * States: idle → connecting → sending → idle; a failure leads to waiting → connecting;
 * `close` leads from any of them to closed.
 */
import kafkajs, { type Kafka, type Message, type Producer } from "kafkajs";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { OutgoingMessage } from "../log/EventLog.ts";
import { compressionTypes, createClient } from "./client.ts";
import type { KafkaConfig } from "./config.ts";
import { describeProblem } from "./problem.ts";
import { ensureTopics } from "./topics.ts";

/** Size of a batch (values before compression) above which no further caller's messages are added. */
const BATCH_BYTES = 4 * 2 ** 20;
const REMEMBERED_KEYS = 10_000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_LAST_MS = 5000;

interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly bytes: number;
  resolve(): void;
  reject(error: Error): void;
}

interface PartitionedMessage extends Message {
  readonly partition: number;
}

interface TopicPartitions {
  /** In the form that kafkajs's partitioner expects. */
  readonly numbers: readonly { readonly partitionId: number }[];
  /** Cache of the partitions of keys, because a match sends many messages with the same key. */
  readonly byKey: Map<string, number>;
}

type MessagesByTopic = Map<string, PartitionedMessage[]>;

function sizeOf(messages: readonly OutgoingMessage[]): number {
  let bytes = 0;
  for (const { value } of messages) bytes += 100 + (value === null ? 0 : value.length);
  return bytes;
}

/** The partition is chosen once, before the first attempt: brokers recognise a repeat only if it is the same batch. */
const usePartitionOfMessage = () => (args: { message: Message }) => (args.message as PartitionedMessage).partition;

export class KafkaProducer {
  readonly #config: KafkaConfig;
  readonly #logger: Logger;
  readonly #kafka: Kafka;
  readonly #partitionOf = kafkajs.Partitioners.DefaultPartitioner();
  readonly #waiting: Waiting[] = [];
  readonly #closing = new AbortController();
  readonly #partitions = new Map<string, TopicPartitions>();
  #producer: Producer | null = null;
  #connecting: Promise<Producer> | null = null;
  #sending: Promise<void> | null = null;
  #problem: string | null = null;
  #keylessCount = 0;

  constructor(config: KafkaConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
    this.#kafka = createClient(config, logger);
  }

  /** Why nothing is acknowledged at the moment, as one line; null if sending works. */
  problem(): string | null {
    return this.#problem;
  }

  /** Resolves when every message is acknowledged. Rejects only if the producer is closed first. */
  send(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error("the Kafka producer is closed"));
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, bytes: sizeOf(messages), resolve, reject });
      this.#sending ??= this.#sendAll();
    });
  }

  /** Completes the current batch if the brokers respond, and rejects the messages that wait after it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
    await this.#discardProducer();
  }

  /** Connects before the first message. Rejects with one line about what is wrong, which `problem` returns as well. */
  async connect(): Promise<void> {
    // A batch that is being sent reports its own errors.
    if (this.#sending !== null) return;
    try {
      await this.#connectFor([]);
      this.#problem = null;
    } catch (error) {
      this.#problem = describeProblem(error, this.#config);
      throw new Error(this.#problem);
    }
  }

  async #sendAll(): Promise<void> {
    // Let all callers of this turn of the event loop share a batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#sendUntilAcknowledged(batch.flatMap(({ messages }) => messages));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error as Error);
      }
    }
    this.#sending = null;
  }

  #takeBatch(): Waiting[] {
    let bytes = this.#waiting[0].bytes;
    let count = 1;
    while (count < this.#waiting.length && bytes + this.#waiting[count].bytes <= BATCH_BYTES)
      bytes += this.#waiting[count++].bytes;
    return this.#waiting.splice(0, count);
  }

  async #sendUntilAcknowledged(messages: readonly OutgoingMessage[]): Promise<void> {
    for (let backoffMs = BACKOFF_FIRST_MS; ; backoffMs = Math.min(backoffMs * 2, BACKOFF_LAST_MS)) {
      if (this.#closing.signal.aborted) throw new Error("the Kafka producer was closed before the brokers answered");
      try {
        await this.#attempt(messages);
        this.#problem = null;
        return;
      } catch (error) {
        await this.#discardProducer();
        if (messages.length > 1 && isTooLarge(error)) {
          const half = messages.length >> 1;
          await this.#sendUntilAcknowledged(messages.slice(0, half));
          return this.#sendUntilAcknowledged(messages.slice(half));
        }
        this.#problem = describeProblem(error, this.#config);
        this.#logger.warn({ retryInMs: backoffMs }, this.#problem);
        await waitMs(backoffMs, this.#closing.signal);
      }
    }
  }

  async #attempt(messages: readonly OutgoingMessage[]): Promise<void> {
    const producer = await this.#connectFor(messages);
    const byTopic = this.#groupByTopic(messages);
    const responses = await producer.sendBatch({
      acks: -1,
      compression: compressionTypes[this.#config.compression],
      topicMessages: [...byTopic].map(([topic, partitioned]) => ({ topic, messages: partitioned })),
    });
    const acknowledged = new Set(responses.map(({ topicName, partition }) => `${topicName}/${partition}`));
    // After a change of leaders, kafkajs can resolve without having sent to the partitions that moved.
    for (const [topic, partitioned] of byTopic) {
      for (const { partition } of partitioned) {
        if (!acknowledged.has(`${topic}/${partition}`))
          throw new Error(`the brokers did not acknowledge the messages for ${topic} partition ${partition}`);
      }
    }
  }

  #groupByTopic(messages: readonly OutgoingMessage[]): MessagesByTopic {
    const byTopic: MessagesByTopic = new Map();
    for (const { topic, key, headers, value } of messages) {
      const name = this.#config.namespace + topic;
      const message = { key, headers, value, partition: this.#partitionFor(topic, key) };
      const ofTopic = byTopic.get(name);
      if (ofTopic === undefined) byTopic.set(name, [message]);
      else ofTopic.push(message);
    }
    return byTopic;
  }

  #partitionFor(topic: string, key: OutgoingMessage["key"]): number {
    const { numbers, byKey } = this.#partitions.get(topic)!;
    if (key === null) return this.#keylessCount++ % numbers.length;
    const text = typeof key === "string" ? key : key.toString("latin1");
    let partition = byKey.get(text);
    if (partition === undefined) {
      partition = this.#partitionOf({ topic, partitionMetadata: numbers as never, message: { key, value: null } });
      if (byKey.size >= REMEMBERED_KEYS) byKey.clear();
      byKey.set(text, partition);
    }
    return partition;
  }

  async #connectFor(messages: readonly OutgoingMessage[]): Promise<Producer> {
    const unknown = [...new Set(messages.map(({ topic }) => topic))].filter((topic) => !this.#partitions.has(topic));
    if (unknown.length > 0) await this.#loadPartitions(unknown);
    if (this.#producer !== null) return this.#producer;
    this.#connecting ??= this.#newProducer().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #newProducer(): Promise<Producer> {
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: usePartitionOfMessage,
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw error;
    }
    this.#producer = producer;
    return producer;
  }

  async #loadPartitions(topics: readonly string[]): Promise<void> {
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      for (const [topic, count] of await ensureTopics(admin, topics, this.#config))
        this.#partitions.set(topic, {
          numbers: Array.from({ length: count }, (_, partitionId) => ({ partitionId })),
          byKey: new Map(),
        });
    } finally {
      await admin.disconnect();
    }
  }

  async #discardProducer(): Promise<void> {
    await this.#connecting?.catch(() => {});
    const producer = this.#producer;
    this.#producer = null;
    // A topic may have been deleted, or have more partitions, by now.
    this.#partitions.clear();
    await producer
      ?.disconnect()
      .catch((error: Error) => this.#logger.debug({ error: error.message }, "disconnecting the producer failed"));
  }
}

function isTooLarge(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  const errorType = type ?? cause?.type;
  return errorType === "MESSAGE_TOO_LARGE" || errorType === "RECORD_LIST_TOO_LARGE";
}
