/**
 * The one producer of a process. It merges the messages of all callers into batches, and resolves each caller's promise when all
 * in-sync replicas have acknowledged its messages.
 *
 * One batch is outstanding at a time, because a client may give the sequence numbers of a failed batch to the next one. When an
 * attempt of a batch has failed, its producer is discarded and the batch is sent through a new one. The new one has
 * another producer id, so messages that the brokers had already stored are stored twice, which at-least-once delivery permits.
 * Nothing later is sent to a topic until a batch is acknowledged, so the order within a partition is kept.
 *
 * If the brokers do not accept messages of one topic, the batch is divided by topic, and a batch that is too large is halved. So
 * only that topic is held, from its first message that is not accepted. `trySend` returns how many messages of a held topic were
 * acknowledged, and the caller sends the rest again.
 *
 * States: idle → connecting → sending → idle; a failure leads to waiting → connecting;
 * `close` leads from any of them to closed.
 */
import { Backoff } from "../../platform/async/Backoff.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { OutgoingMessage } from "../log/EventLog.ts";
import { chooseClient } from "./chooseClient.ts";
import type { KafkaConfig } from "./config.ts";
import { type Held, heldOfEach, unsentOf } from "./held.ts";
import type { BatchProducer, KafkaClient, OutgoingRecord } from "./KafkaClient.ts";
import { KnownTopics } from "./KnownTopics.ts";
import { describeProblem } from "./problem.ts";
import { describeRefusal, isTooLarge, refusalOf, sizeOf, UNKNOWN_TOPIC } from "./refusals.ts";

/** Size of a batch (before compression) above which no further caller's messages are added. */
const BATCH_BYTES = 4 * 2 ** 20;
const REMEMBERED_KEYS = 10_000;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_LAST_MS = 5000;

interface Waiting {
  readonly messages: readonly OutgoingMessage[];
  readonly bytes: number;
  resolve(held: Held): void;
  reject(error: Error): void;
}

type Messages = readonly OutgoingMessage[];

function bytesOf(messages: Messages): number {
  return messages.reduce((sum, message) => sum + sizeOf(message), 0);
}

function topicsOf(messages: Messages): string[] {
  return [...new Set(messages.map(({ topic }) => topic))];
}

export class KafkaProducer {
  readonly topics: KnownTopics;
  readonly #config: KafkaConfig;
  readonly #logger: Logger;
  readonly #kafka: KafkaClient;
  readonly #waiting: Waiting[] = [];
  readonly #closing = new AbortController();
  /** Cache of the partitions of keys, by number of partitions, because a match sends many messages with the same key. */
  readonly #partitionsOfKeys = new Map<number, Map<string, number>>();
  #producer: BatchProducer | null = null;
  #connecting: Promise<BatchProducer> | null = null;
  #sending: Promise<void> | null = null;
  #topicsVersion = 0;
  #problem: string | null = null;
  #keylessCount = 0;

  /** @param topics what the process knows about its topics; closed with this producer. */
  constructor(config: KafkaConfig, logger: Logger, topics?: KnownTopics) {
    this.#config = config;
    this.#logger = logger;
    this.#kafka = chooseClient(config, logger);
    this.topics = topics ?? new KnownTopics({ config, kafka: this.#kafka, logger, breaks: null });
  }

  /** Why the brokers acknowledge nothing at the moment, as one line; null if they do. */
  problem(): string | null {
    return this.#problem;
  }

  /** Resolves when every message is acknowledged. Rejects only if the producer is closed first. */
  async send(messages: Messages): Promise<void> {
    const backoff = new Backoff(BACKOFF_FIRST_MS, BACKOFF_LAST_MS);
    for (let rest = messages; ; ) {
      const held = await this.trySend(rest);
      rest = unsentOf(rest, held);
      if (rest.length === 0) return;
      await backoff.wait(this.#closing.signal);
    }
  }

  /**
   * Resolves when every message is acknowledged, except messages of the topics in the result. These topics accept none at the
   * moment. Rejects only if the producer is closed first.
   */
  trySend(messages: Messages): Promise<Held> {
    if (this.#closing.signal.aborted) return Promise.reject(new Error("the Kafka producer is closed"));
    if (messages.length === 0) return Promise.resolve(new Map());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ messages, bytes: bytesOf(messages), resolve, reject });
      this.#sending ??= this.#sendAll();
    });
  }

  /**
   * Creates missing topics. Resolves to the number of partitions of each of `topics` that exists then. Waits until the brokers
   * answer. Rejects only if the producer is closed first.
   */
  async partitionCounts(topics: readonly string[]): Promise<Map<string, number>> {
    const backoff = new Backoff(BACKOFF_FIRST_MS, BACKOFF_LAST_MS);
    for (;;) {
      this.#throwIfClosed();
      try {
        await this.topics.load(topics);
        return new Map(
          topics.flatMap((topic) => {
            const count = this.topics.partitionsOf(topic);
            return count === null ? [] : [[topic, count] as const];
          }),
        );
      } catch (error) {
        await this.#waitAfter(error, backoff);
      }
    }
  }

  /** Completes the current batch if the brokers respond, and rejects the messages that wait after it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
    await this.topics.close();
    await this.#discardProducer();
  }

  /**
   * Connects before the first message, and creates and checks these topics. Rejects with one line about what is wrong, which
   * `problem` returns as well.
   */
  async connect(topics: readonly string[] = []): Promise<void> {
    // A batch that is being sent reports its own errors.
    if (this.#sending !== null) return;
    try {
      await this.#connect();
      await this.topics.load(topics);
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
        const all = batch.map(({ messages }) => messages);
        const held = heldOfEach(all, await this.#sendParts(all.flat()));
        for (const [at, { resolve }] of batch.entries()) resolve(held[at]);
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

  /** Sends in as few parts as the brokers accept. The parts of a topic are sent in their order. */
  async #sendParts(messages: Messages): Promise<Held> {
    const sent = new Map<string, number>();
    const held = new Set<string>();
    const parts = [messages];
    const backoff = new Backoff(BACKOFF_FIRST_MS, BACKOFF_LAST_MS);
    while (parts.length > 0) {
      this.#throwIfClosed();
      const part = held.size === 0 ? parts[0] : parts[0].filter(({ topic }) => !held.has(topic));
      try {
        const newlyHeld = part.length === 0 ? [] : await this.#findHeld(part);
        for (const topic of newlyHeld) held.add(topic);
        if (newlyHeld.length > 0) continue;
        const smaller = this.#isAboveLimit(part) ? halve(part) : await this.#sendPart(part);
        if (smaller === null) for (const { topic } of part) sent.set(topic, (sent.get(topic) ?? 0) + 1);
        parts.splice(0, 1, ...(smaller ?? []));
        this.#problem = null;
      } catch (error) {
        this.topics.forget(topicsOf(part));
        await this.#waitAfter(error, backoff);
      }
    }
    return new Map([...held].map((topic) => [topic, sent.get(topic) ?? 0]));
  }

  /** The topics that accept no messages. Creates and checks topics that are new. */
  async #findHeld(messages: Messages): Promise<string[]> {
    const topics = topicsOf(messages);
    await this.topics.load(topics);
    return topics.filter((topic) => this.topics.partitionsOf(topic) === null || this.topics.isHeld(topic));
  }

  /**
   * Resolves to null if all messages were acknowledged, otherwise to smaller parts to try. Rejects if the failure concerns no
   * topic.
   */
  async #sendPart(part: Messages): Promise<Messages[] | null> {
    if (part.length === 0) return null;
    try {
      await this.#attempt(part);
      this.topics.accept(topicsOf(part));
      return null;
    } catch (error) {
      await this.#discardProducer();
      const refusal = refusalOf(error);
      if (refusal === null) throw error;
      if (refusal === UNKNOWN_TOPIC) this.topics.forget(topicsOf(part));
      const byTopic = [...Map.groupBy(part, ({ topic }) => topic).values()];
      if (byTopic.length > 1) return byTopic;
      if (isTooLarge(refusal) && part.length > 1) return halve(part);
      const [first] = part;
      const line = describeRefusal(refusal, first, this.topics.maxBytesOf(first.topic), this.#config);
      this.topics.refuse(first.topic, line);
      return [part];
    }
  }

  /** Whether a partition would get more bytes than its topic accepts. Sizes are those before compression. */
  #isAboveLimit(part: Messages): boolean {
    if (part.length <= 1) return false;
    const limits = new Map(topicsOf(part).map((topic) => [topic, this.topics.maxBytesOf(topic) ?? Infinity]));
    if (bytesOf(part) <= Math.min(...limits.values())) return false;
    const bytes = new Map<string, { bytes: number; count: number }>();
    for (const message of part) {
      const key = `${message.topic} ${message.key === null ? "" : this.#partitionFor(message)}`;
      const of = bytes.get(key) ?? { bytes: 0, count: 0 };
      bytes.set(key, of);
      of.bytes += sizeOf(message);
      if (++of.count > 1 && of.bytes > limits.get(message.topic)!) return true;
    }
    return false;
  }

  async #waitAfter(error: unknown, backoff: Backoff): Promise<void> {
    this.#problem = describeProblem(error, this.#config);
    this.#logger.warn({ retryInMs: backoff.nextMs }, this.#problem);
    await backoff.wait(this.#closing.signal);
  }

  #throwIfClosed(): void {
    if (this.#closing.signal.aborted) throw new Error("the Kafka producer was closed before the brokers answered");
  }

  async #attempt(messages: Messages): Promise<void> {
    // A client may not send to partitions that were added after it connected.
    if (this.#topicsVersion !== this.topics.version) await this.#discardProducer();
    this.#topicsVersion = this.topics.version;
    const producer = await this.#connect();
    await producer.send(this.#groupByTopic(messages));
  }

  #groupByTopic(messages: Messages): Map<string, OutgoingRecord[]> {
    const byTopic = new Map<string, OutgoingRecord[]>();
    for (const message of messages) {
      const { topic, key, headers, value } = message;
      const name = this.#config.namespace + topic;
      const partitioned = { key, headers, value, partition: this.#partitionFor(message) };
      const ofTopic = byTopic.get(name);
      if (ofTopic === undefined) byTopic.set(name, [partitioned]);
      else ofTopic.push(partitioned);
    }
    return byTopic;
  }

  #partitionFor({ topic, key, partitions = Infinity }: OutgoingMessage): number {
    // A topic that was recreated can have fewer partitions than before.
    const count = Math.min(partitions, this.topics.partitionsOf(topic) ?? 0);
    if (count === 0) throw new Error(`topic ${topic} was deleted`);
    if (key === null) return this.#keylessCount++ % count;
    const text = typeof key === "string" ? key : key.toString("latin1");
    let byKey = this.#partitionsOfKeys.get(count);
    if (byKey === undefined) this.#partitionsOfKeys.set(count, (byKey = new Map()));
    let partition = byKey.get(text);
    if (partition === undefined) {
      partition = this.#kafka.partitionOf(key, count);
      if (byKey.size >= REMEMBERED_KEYS) byKey.clear();
      byKey.set(text, partition);
    }
    return partition;
  }

  #connect(): Promise<BatchProducer> {
    if (this.#producer !== null) return Promise.resolve(this.#producer);
    this.#connecting ??= this.#newProducer().finally(() => {
      this.#connecting = null;
    });
    return this.#connecting;
  }

  async #newProducer(): Promise<BatchProducer> {
    this.#producer = await this.#kafka.openProducer();
    return this.#producer;
  }

  async #discardProducer(): Promise<void> {
    await this.#connecting?.catch(() => {});
    const producer = this.#producer;
    this.#producer = null;
    await producer
      ?.close()
      .catch((error: Error) => this.#logger.debug({ error: error.message }, "disconnecting the producer failed"));
  }
}

function halve(messages: Messages): Messages[] {
  const half = messages.length >> 1;
  return [messages.slice(0, half), messages.slice(half)];
}
