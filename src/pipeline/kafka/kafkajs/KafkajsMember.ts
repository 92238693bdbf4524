/** A member of a consumer group by kafkajs: one consumer, from joining to leaving. */
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { PartitionOf } from "../../log/ConsumerProgress.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import type { KafkaConfig } from "../config.ts";
import type { DeliveredBatch, GroupMember, MemberEvents, MemberOptions, PartitionAt } from "../KafkaClient.ts";

const PARTITIONS_AT_A_TIME = 8;

export class KafkajsMember implements GroupMember {
  readonly #config: KafkaConfig;
  readonly #options: MemberOptions;
  readonly #events: MemberEvents;
  readonly #consumer: Consumer;

  constructor(kafka: Kafka, config: KafkaConfig, options: MemberOptions, events: MemberEvents) {
    this.#config = config;
    this.#options = options;
    this.#events = events;
    this.#consumer = kafka.consumer({
      groupId: config.namespace + options.group,
      sessionTimeout: config.sessionTimeoutMs,
      rebalanceTimeout: 2 * config.sessionTimeoutMs,
      heartbeatInterval: config.sessionTimeoutMs / 10,
      allowAutoTopicCreation: false,
      metadataMaxAge: options.metadataEveryMs,
      maxWaitTimeInMs: options.fetchWaitMs,
      minBytes: options.minBytes,
      maxBytes: options.maxBytes,
      maxBytesPerPartition: options.partitionBytes,
      retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 2000, restartOnFailure: async () => false },
    });
    this.#consumer.on("consumer.group_join", ({ payload }) => this.#onJoin(payload.memberAssignment));
    this.#consumer.on("consumer.fetch", () => events.onFetched());
    this.#consumer.on("consumer.crash", ({ payload }) => events.onFailed(payload.error));
  }

  async join(): Promise<void> {
    const { topics } = this.#options;
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: topics.map((topic) => this.#nameOf(topic)), fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_A_TIME,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  readFrom({ topic, partition }: PartitionOf, offset: bigint): void {
    const name = this.#nameOf(topic);
    this.#consumer.seek({ topic: name, partition, offset: String(offset) });
    this.#consumer.resume([{ topic: name, partitions: [partition] }]);
  }

  pause({ topic, partition }: PartitionOf): void {
    this.#consumer.pause([{ topic: this.#nameOf(topic), partitions: [partition] }]);
  }

  commit(offsets: readonly PartitionAt[]): Promise<void> {
    return this.#consumer.commitOffsets(
      offsets.map(({ topic, partition, offset }) => ({
        topic: this.#nameOf(topic),
        partition,
        offset: String(offset),
      })),
    );
  }

  leave(): Promise<void> {
    return this.#consumer.disconnect();
  }

  /** Runs before kafkajs fetches for the new assignment, so all partitions are paused before anything is read. */
  #onJoin(assignment: Readonly<Record<string, number[]>>): void {
    const joined: PartitionOf[] = [];
    for (const [name, partitions] of Object.entries(assignment)) {
      this.#consumer.pause([{ topic: name, partitions }]);
      for (const partition of partitions) joined.push({ topic: this.#topicOf(name), partition });
    }
    this.#events.onJoined(joined);
  }

  async #onBatch({ batch, heartbeat, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    if (isStale()) return;
    let heartbeatError: Error | null = null;
    const sendHeartbeat = () =>
      heartbeat().catch((error: Error) => {
        heartbeatError ??= error;
      });
    const timer = setInterval(sendHeartbeat, this.#config.sessionTimeoutMs / 10);
    const topic = this.#topicOf(batch.topic);
    const applied = await this.#events.onBatch({ topic, partition: batch.partition }, toDelivered(batch, topic));
    clearInterval(timer);
    if (applied) resolveOffset(batch.lastOffset());
    // At this point, before it requests its partitions again, a member that was paused for too long learns that it was removed
    // from the group.
    else await sendHeartbeat();
    if (heartbeatError !== null) throw heartbeatError;
  }

  #nameOf(topic: string): string {
    return this.#config.namespace + topic;
  }

  #topicOf(name: string): string {
    return name.slice(this.#config.namespace.length);
  }
}

function toDelivered(batch: EachBatchPayload["batch"], topic: string): DeliveredBatch {
  const { fetchedOffset } = batch as typeof batch & { fetchedOffset: string };
  return {
    firstOffset: BigInt(fetchedOffset),
    nextOffset: BigInt(batch.lastOffset()) + 1n,
    endOffset: BigInt(batch.highWatermark),
    messages: toLogMessages(batch, topic),
  };
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
