/**
 * One membership of a consumer group, from joining to leaving: one kafkajs consumer and the partitions that the group assigns to
 * it. It ends with the first error from which kafkajs does not recover. `KafkaConsumer` then starts a new session.
 *
 * Offsets come only from the handler. Kafka's committed offsets are written only for lag dashboards. After every join, all
 * partitions start again from the handler's offsets, because another member may have consumed them meanwhile.
 */
import type { Admin, Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { Gate } from "../../platform/async/Gate.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { PartitionOf } from "../log/ConsumerProgress.ts";
import type { BatchHandler, LogMessage } from "../log/EventLog.ts";
import type { PartitionProgress } from "../log/PartitionProgress.ts";
import type { KafkaConfig } from "./config.ts";
import type { KnownTopics } from "./KnownTopics.ts";
import { type DeliveredBatch, type PartitionSource, PartitionWork } from "./PartitionWork.ts";
import { describeProblem, TopicsMissing } from "./problem.ts";
import { fetchTopicIds } from "./topicIds.ts";

/** How long it takes at most until a member of the group notices new partitions. */
const METADATA_EVERY_MS = 5000;
const COMMIT_EVERY_MS = 5000;
const TOPIC_IDS_EVERY_MS = 10_000;
/** Maximum compressed bytes of one fetch response. Limits the memory of a consumer that catches up. */
const FETCH_BYTES = 4 * 2 ** 20;
const PARTITION_BYTES = 2 ** 20;
/**
 * How long a broker waits if there are no messages. It returns new messages immediately, unless the handler sets
 * `maxBatchDelayMs`.
 */
const FETCH_WAIT_MS = 250;
/** If the handler sets `maxBatchDelayMs`, a broker responds early once it has this many compressed bytes. */
const BATCH_BYTES_MIN = 2 ** 20;
const PARTITIONS_AT_A_TIME = 8;

export interface SessionOptions {
  readonly config: KafkaConfig;
  readonly kafka: Kafka;
  readonly knownTopics: KnownTopics;
  readonly group: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
  readonly gate: Gate;
  readonly logger: Logger;
  /** Called when the group has assigned these partitions to this member. */
  onJoined(partitions: readonly PartitionOf[]): void;
  /** Called when a broker has answered a request for messages. */
  onFetched(): void;
  progressOf(partition: PartitionOf): PartitionProgress;
}

function toLogMessages(batch: EachBatchPayload["batch"], topic: string): LogMessage[] {
  return batch.messages.map((message) => {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(message.headers ?? {})) headers[name] = String(value);
    return {
      topic,
      partition: batch.partition,
      offset: BigInt(message.offset),
      appendedAt: Number(message.timestamp),
      key: message.key,
      headers,
      value: message.value,
    };
  });
}

/** A topic does not exist, or was recreated since this session began. */
class TopicChanged extends Error {}

export class ConsumerSession {
  readonly #options: SessionOptions;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #works = new Map<string, PartitionWork>();
  readonly #ended = Promise.withResolvers<void>();
  #topicIds = new Map<string, string>();
  #ending = false;

  constructor(options: SessionOptions) {
    const { config, kafka, group, handler } = options;
    this.#options = options;
    this.#admin = kafka.admin();
    this.#consumer = kafka.consumer({
      groupId: config.namespace + group,
      sessionTimeout: config.sessionTimeoutMs,
      rebalanceTimeout: 2 * config.sessionTimeoutMs,
      heartbeatInterval: config.sessionTimeoutMs / 10,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_EVERY_MS,
      maxWaitTimeInMs: handler.maxBatchDelayMs ?? FETCH_WAIT_MS,
      minBytes: handler.maxBatchDelayMs === undefined ? 1 : BATCH_BYTES_MIN,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_BYTES,
      retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 2000, restartOnFailure: async () => false },
    });
    this.#consumer.on("consumer.group_join", ({ payload }) => this.#onJoin(payload.memberAssignment));
    this.#consumer.on("consumer.fetch", () => options.onFetched());
    this.#consumer.on("consumer.crash", ({ payload }) => this.#ended.reject(payload.error));
  }

  /** Resolves after `stop`; rejects with the error that ended the session. All partitions are revoked before that. */
  async run(): Promise<void> {
    const timers: NodeJS.Timeout[] = [];
    // If the start fails, `#start` throws the error. Without this, it would also be reported as an unhandled rejection.
    this.#ended.promise.catch(() => {});
    try {
      await this.#start();
      timers.push(setInterval(() => this.#commit(this.#works), COMMIT_EVERY_MS));
      timers.push(setInterval(() => this.#compareTopicIds(), TOPIC_IDS_EVERY_MS));
      await this.#ended.promise;
    } finally {
      this.#ending = true;
      for (const timer of timers) clearInterval(timer);
      const works = new Map(this.#works);
      await this.#revokeAll();
      await this.#commit(works);
      await Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]);
    }
  }

  stop(): void {
    this.#ended.resolve();
  }

  fail(reason: Error): void {
    this.#ended.reject(reason);
  }

  restartAll(): void {
    for (const work of this.#works.values()) work.restart();
  }

  async #start(): Promise<void> {
    const { topics, knownTopics, config } = this.#options;
    await this.#admin.connect();
    knownTopics.forget(topics);
    await knownTopics.load(topics);
    const missing = knownTopics.missing(topics);
    if (missing !== null) throw new TopicsMissing(missing);
    this.#topicIds = await this.#fetchTopicIds();
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: topics.map((topic) => config.namespace + topic), fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_A_TIME,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  /** Runs before kafkajs fetches for the new assignment, so all partitions are paused before anything is read. */
  #onJoin(assignment: Readonly<Record<string, number[]>>): void {
    const before = this.#revokeAll();
    if (this.#ending) return;
    const joined: PartitionOf[] = [];
    for (const [name, partitions] of Object.entries(assignment)) {
      this.#consumer.pause([{ topic: name, partitions }]);
      for (const partition of partitions) {
        const source = this.#source(name, partition);
        const work = new PartitionWork(source, this.#options, this.#options.progressOf(source), before);
        this.#works.set(`${name}/${partition}`, work);
        joined.push(source);
      }
    }
    this.#options.onJoined(joined);
  }

  async #revokeAll(): Promise<void> {
    const works = [...this.#works.values()];
    this.#works.clear();
    await Promise.all(works.map((work) => work.revoke()));
  }

  #source(name: string, partition: number): PartitionSource {
    const topic = name.slice(this.#options.config.namespace.length);
    return {
      topic,
      partition,
      fetchOffsets: async () => {
        const all = await this.#admin.fetchTopicOffsets(name).catch((error) => {
          throw new Error(describeProblem(error, this.#options.config), { cause: error });
        });
        const offsets = all.find((entry) => entry.partition === partition);
        if (offsets === undefined) throw new Error(`${topic} has no partition ${partition}`);
        return { topicId: this.#topicIds.get(topic)!, earliest: BigInt(offsets.low), end: BigInt(offsets.high) };
      },
      readFrom: (offset) => {
        if (this.#ending) return;
        this.#consumer.seek({ topic: name, partition, offset: String(offset) });
        this.#consumer.resume([{ topic: name, partitions: [partition] }]);
      },
      pause: () => {
        if (!this.#ending) this.#consumer.pause([{ topic: name, partitions: [partition] }]);
      },
      unrecoverable: (reason) => this.fail(reason),
    };
  }

  async #onBatch({ batch, heartbeat, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    const key = `${batch.topic}/${batch.partition}`;
    const work = this.#works.get(key);
    if (work === undefined || isStale()) return;
    let heartbeatError: Error | null = null;
    const sendHeartbeat = () =>
      heartbeat().catch((error: Error) => {
        heartbeatError ??= error;
      });
    const timer = setInterval(sendHeartbeat, this.#options.config.sessionTimeoutMs / 10);
    const applied = await work.deliver(this.#toDelivered(batch));
    clearInterval(timer);
    if (applied && this.#works.get(key) === work) resolveOffset(batch.lastOffset());
    // At this point, before it requests its partitions again, a member that was paused for too long learns that it was removed
    // from the group.
    if (!applied) await sendHeartbeat();
    if (heartbeatError !== null) throw heartbeatError;
  }

  #toDelivered(batch: EachBatchPayload["batch"]): DeliveredBatch {
    const { fetchedOffset } = batch as typeof batch & { fetchedOffset: string };
    return {
      firstOffset: BigInt(fetchedOffset),
      nextOffset: BigInt(batch.lastOffset()) + 1n,
      endOffset: BigInt(batch.highWatermark),
      messages: toLogMessages(batch, batch.topic.slice(this.#options.config.namespace.length)),
    };
  }

  async #fetchTopicIds(): Promise<Map<string, string>> {
    const { kafka, topics, config } = this.#options;
    const byName = await fetchTopicIds(
      kafka,
      topics.map((topic) => config.namespace + topic),
    );
    const ids = new Map<string, string>();
    for (const topic of topics) {
      const id = byName.get(config.namespace + topic);
      if (id === undefined) throw new TopicChanged(`topic ${config.namespace}${topic} does not exist`);
      ids.set(topic, id);
    }
    return ids;
  }

  async #compareTopicIds(): Promise<void> {
    try {
      const now = await this.#fetchTopicIds();
      for (const [topic, id] of this.#topicIds) {
        if (now.get(topic) !== id) throw new TopicChanged(`topic ${topic} was deleted and recreated`);
      }
    } catch (error) {
      // If the brokers do not respond, the fetches fail too, and kafkajs retries the fetches.
      if (error instanceof TopicChanged) this.fail(error);
    }
  }

  async #commit(works: ReadonlyMap<string, PartitionWork>): Promise<void> {
    const { config } = this.#options;
    const offsets = [...works].flatMap(([key, work]) => {
      const slash = key.lastIndexOf("/");
      const { applied } = work;
      if (applied === null) return [];
      return [{ topic: key.slice(0, slash), partition: Number(key.slice(slash + 1)), offset: String(applied) }];
    });
    if (offsets.length === 0) return;
    try {
      await this.#consumer.commitOffsets(offsets);
    } catch (error) {
      this.#options.logger.debug(
        { groupId: config.namespace + this.#options.group, error: (error as Error).message },
        "committing offsets for lag monitoring failed",
      );
    }
  }
}
