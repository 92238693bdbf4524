/** A member of a consumer group by kafkajs: one consumer, from joining to leaving. */
import type { Consumer, EachBatchPayload, IHeaders, Kafka } from "kafkajs";
import pLimit, { type LimitFunction } from "p-limit";
import type { PartitionOf } from "../../log/ConsumerProgress.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import type { KafkaConfig } from "../config.ts";
import type { DeliveredBatch, GroupMember, MemberEvents, MemberOptions, PartitionAt } from "../KafkaClient.ts";
import { RequestPace } from "../RequestPace.ts";

/** kafkajs passes so many batches of an answer at once. Further ones count as another answer. A larger number costs time. */
const BATCHES_AT_ONCE = 128;
const PARTITIONS_AT_A_TIME = 8;

/** The batches of one answer of a broker. */
interface Answer {
  readonly requestedAt: number;
  /** Whether each was applied. */
  readonly batches: Promise<boolean>[];
  /** Whether the broker has more messages of one of the partitions. */
  hasMore: boolean;
  /** Resolves when kafkajs may send the next request to the broker. */
  readonly ended: Promise<void>;
}

export class KafkajsMember implements GroupMember {
  readonly #config: KafkaConfig;
  readonly #options: MemberOptions;
  readonly #events: MemberEvents;
  readonly #consumer: Consumer;
  readonly #pace: RequestPace;
  readonly #limit: LimitFunction;
  /** By broker: when the last request for messages was sent, by `performance.now`. */
  readonly #requestedAt = new Map<number, number>();
  /** When the request was sent that was answered last. */
  #answeredRequestAt = 0;
  /** The answer whose batches kafkajs is passing. */
  #answer: Answer | null = null;

  constructor(kafka: Kafka, config: KafkaConfig, options: MemberOptions, events: MemberEvents) {
    this.#config = config;
    this.#options = options;
    this.#events = events;
    this.#pace = new RequestPace(options.requestEveryMs);
    this.#limit = pLimit(options.passesTogether ? BATCHES_AT_ONCE : PARTITIONS_AT_A_TIME);
    this.#consumer = kafka.consumer({
      groupId: config.namespace + options.group,
      sessionTimeout: config.sessionTimeoutMs,
      rebalanceTimeout: 2 * config.sessionTimeoutMs,
      heartbeatInterval: config.sessionTimeoutMs / 10,
      allowAutoTopicCreation: false,
      metadataMaxAge: options.metadataEveryMs,
      maxWaitTimeInMs: options.fetchWaitMs,
      minBytes: 1,
      maxBytes: options.maxBytes,
      maxBytesPerPartition: options.partitionBytes,
      retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 2000, restartOnFailure: async () => false },
    });
    this.#consumer.on("consumer.group_join", ({ payload }) => this.#onJoin(payload.memberAssignment));
    this.#consumer.on("consumer.fetch_start", ({ payload }) =>
      this.#requestedAt.set(payload.nodeId, performance.now()),
    );
    this.#consumer.on("consumer.fetch", ({ payload }) => {
      this.#answeredRequestAt = this.#requestedAt.get(payload.nodeId) ?? 0;
      events.onFetched();
    });
    this.#consumer.on("consumer.crash", ({ payload }) => events.onFailed(payload.error));
  }

  async join(): Promise<void> {
    const { topics } = this.#options;
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: topics.map((topic) => this.#nameOf(topic)), fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: BATCHES_AT_ONCE,
      eachBatch: (payload) => this.#onBatch(payload),
    });
  }

  readFrom({ topic, partition }: PartitionOf, offset: bigint): void {
    const name = this.#nameOf(topic);
    this.#consumer.seek({ topic: name, partition, offset: String(offset) });
    this.#consumer.resume([{ topic: name, partitions: [partition] }]);
    this.#pace.interrupt();
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
    this.#pace.interrupt();
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

  async #onBatch(payload: EachBatchPayload): Promise<void> {
    if (payload.isStale()) return;
    const { batch } = payload;
    const answer = (this.#answer ??= this.#openAnswer(payload));
    answer.batches.push(this.#limit(() => this.#apply(payload)));
    answer.hasMore ||= BigInt(batch.lastOffset()) + 1n < BigInt(batch.highWatermark);
    await answer.ended;
  }

  #openAnswer({ heartbeat }: EachBatchPayload): Answer {
    const answer: Answer = {
      requestedAt: this.#answeredRequestAt,
      batches: [],
      hasMore: false,
      // kafkajs passes all batches of an answer in the same turn.
      ended: Promise.resolve().then(() => {
        this.#answer = null;
        return this.#end(answer, heartbeat);
      }),
    };
    return answer;
  }

  /** Rejects if the group has removed this member, or assigns partitions again. */
  async #end({ requestedAt, batches, hasMore }: Answer, heartbeat: () => Promise<void>): Promise<void> {
    let failure: Error | null = null;
    const sendHeartbeat = () =>
      heartbeat().catch((error: Error) => {
        failure ??= error;
        this.#pace.interrupt();
      });
    const timer = setInterval(sendHeartbeat, this.#config.sessionTimeoutMs / 10);
    try {
      const applied = await Promise.all(batches);
      // At this point, before it requests its partitions again, a member that was paused for too long learns that it was removed
      // from the group.
      if (applied.includes(false)) await sendHeartbeat();
      if (!hasMore && batches.length < BATCHES_AT_ONCE) await this.#pace.rest(requestedAt);
    } finally {
      clearInterval(timer);
    }
    if (failure !== null) throw failure;
  }

  async #apply({ batch, resolveOffset }: EachBatchPayload): Promise<boolean> {
    const topic = this.#topicOf(batch.topic);
    const isApplied = await this.#events.onBatch({ topic, partition: batch.partition }, toDelivered(batch, topic));
    if (isApplied) resolveOffset(batch.lastOffset());
    return isApplied;
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
  const { partition } = batch;
  return batch.messages.map(({ offset, timestamp, key, headers = {}, value }) => ({
    topic,
    partition,
    offset: BigInt(offset),
    appendedAt: Number(timestamp),
    key,
    headers: textsOf(headers),
    value,
  }));
}

/** `decodeRecords` reads headers as texts. Only a header that is repeated or null is something else. */
function textsOf(headers: IHeaders): Record<string, string> {
  for (const name in headers) {
    if (typeof headers[name] === "string") continue;
    return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
  }
  return headers as Record<string, string>;
}
