/**
 * Owns the one producer of a process: takes messages from any number of callers, merges them into batches, and answers
 * each caller when all of its messages are acknowledged by all in-sync replicas.
 *
 * One batch is outstanding at a time, because kafkajs gives the sequence numbers of a failed batch to the next one: with
 * two outstanding, a batch whose acknowledgement was lost would make the brokers drop its successor as a repeat. For
 * the same reason a producer whose batch failed for good is thrown away, and the batch goes through a new one (under a new
 * producer id: what the brokers had kept is then there twice, which delivery at least once allows). Until a batch is
 * acknowledged nothing later is sent, so order per partition holds across all of this.
 *
 * States: idle → connecting → sending → idle; a failure leads to waiting → connecting; `close` to closed from any.
 */
import kafkajs, { type Kafka, type Message, type Producer } from "kafkajs";
import { waitMs } from "../../platform/async/waiting.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { OutgoingMessage } from "../log/Log.ts";
import { compressionTypes, createClient } from "./client.ts";
import type { KafkaConfig } from "./config.ts";
import { describeProblem } from "./problem.ts";
import { ensureTopics } from "./topics.ts";

/** Size of a batch, of values before compression, at which no further caller's messages are added. */
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

interface PlacedMessage extends Message {
  readonly partition: number;
}

interface TopicPartitions {
  /** In the form that kafkajs's partitioner wants. */
  readonly numbers: readonly { readonly partitionId: number }[];
  /** Partitions of keys that were hashed already: a match's messages are many. */
  readonly byKey: Map<string, number>;
}

type Placed = Map<string, PlacedMessage[]>;

function sizeOf(messages: readonly OutgoingMessage[]): number {
  let bytes = 0;
  for (const { value } of messages) bytes += 100 + (value === null ? 0 : value.length);
  return bytes;
}

/** The partition is chosen once, before the first attempt: a repeat must be the same batch to be known as a repeat. */
const asPlaced = () => (args: { message: Message }) => (args.message as PlacedMessage).partition;

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
  #spread = 0;

  constructor(config: KafkaConfig, logger: Logger) {
    this.#config = config;
    this.#logger = logger;
    this.#kafka = createClient(config, logger);
  }

  /** Why nothing is acknowledged at the moment, as one line; null when all is well. */
  problem(): string | null {
    return this.#problem;
  }

  /** Resolves when every message is acknowledged. Rejects only when the producer is closed before that. */
  send(messages: readonly OutgoingMessage[]): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error("the Kafka producer is closed"));
    if (messages.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, bytes: sizeOf(messages), resolve, reject });
      this.#sending ??= this.#sendAll();
    });
  }

  /** Finishes the batch that is being sent if the brokers answer; what waits behind it is refused. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
    await this.#discardProducer();
  }

  /** Connects ahead of the first message; rejects with one line about what is wrong, which `problem` tells then too. */
  async connect(): Promise<void> {
    // What is being sent finds out by itself.
    if (this.#sending !== null) return;
    try {
      await this.#connected([]);
      this.#problem = null;
    } catch (error) {
      this.#problem = describeProblem(error, this.#config);
      throw new Error(this.#problem);
    }
  }

  async #sendAll(): Promise<void> {
    // Callers of one turn of the event loop share a batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        await this.#sendUntilKept(batch.flatMap(({ messages }) => messages));
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

  async #sendUntilKept(messages: readonly OutgoingMessage[]): Promise<void> {
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
          await this.#sendUntilKept(messages.slice(0, half));
          return this.#sendUntilKept(messages.slice(half));
        }
        this.#problem = describeProblem(error, this.#config);
        this.#logger.warn({ retryInMs: backoffMs }, this.#problem);
        await waitMs(backoffMs, this.#closing.signal);
      }
    }
  }

  async #attempt(messages: readonly OutgoingMessage[]): Promise<void> {
    const producer = await this.#connected(messages);
    const placed = this.#place(messages);
    const answers = await producer.sendBatch({
      acks: -1,
      compression: compressionTypes[this.#config.compression],
      topicMessages: [...placed].map(([topic, placedMessages]) => ({ topic, messages: placedMessages })),
    });
    const kept = new Set(answers.map(({ topicName, partition }) => `${topicName}/${partition}`));
    // After a change of leaders kafkajs can resolve without having sent the partitions that moved.
    for (const [topic, placedMessages] of placed) {
      for (const { partition } of placedMessages) {
        if (!kept.has(`${topic}/${partition}`))
          throw new Error(`no acknowledgement for ${topic} partition ${partition}`);
      }
    }
  }

  #place(messages: readonly OutgoingMessage[]): Placed {
    const placed: Placed = new Map();
    for (const { topic, key, headers, value } of messages) {
      const name = this.#config.namespace + topic;
      const message = { key, headers, value, partition: this.#partitionFor(topic, key) };
      const ofTopic = placed.get(name);
      if (ofTopic === undefined) placed.set(name, [message]);
      else ofTopic.push(message);
    }
    return placed;
  }

  #partitionFor(topic: string, key: OutgoingMessage["key"]): number {
    const { numbers, byKey } = this.#partitions.get(topic)!;
    if (key === null) return this.#spread++ % numbers.length;
    const text = typeof key === "string" ? key : key.toString("latin1");
    let partition = byKey.get(text);
    if (partition === undefined) {
      partition = this.#partitionOf({ topic, partitionMetadata: numbers as never, message: { key, value: null } });
      if (byKey.size >= REMEMBERED_KEYS) byKey.clear();
      byKey.set(text, partition);
    }
    return partition;
  }

  async #connected(messages: readonly OutgoingMessage[]): Promise<Producer> {
    const unknown = [...new Set(messages.map(({ topic }) => topic))].filter((topic) => !this.#partitions.has(topic));
    if (unknown.length > 0) await this.#learn(unknown);
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
      createPartitioner: asPlaced,
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

  async #learn(topics: readonly string[]): Promise<void> {
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
    // A topic may be gone or have more partitions by now.
    this.#partitions.clear();
    await producer?.disconnect().catch((error: Error) => this.#logger.debug({ error: error.message }, "disconnecting"));
  }
}

function isTooLarge(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: { type?: string } };
  const found = type ?? cause?.type;
  return found === "MESSAGE_TOO_LARGE" || found === "RECORD_LIST_TOO_LARGE";
}
