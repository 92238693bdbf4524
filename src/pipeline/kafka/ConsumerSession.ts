/**
 * One membership of a consumer group, from joining to leaving: one member of the client, and the partitions that the group assigns to
 * it. It ends with the first error from which the client does not recover. `KafkaConsumer` then starts a new session.
 *
 * Offsets come only from the handler. Kafka's committed offsets are written only for lag dashboards. After every join, all
 * partitions start again from the handler's offsets, because another member may have consumed them meanwhile.
 */
import type { Gate } from "../../platform/async/Gate.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { PartitionOf } from "../log/ConsumerProgress.ts";
import type { BatchHandler } from "../log/EventLog.ts";
import type { PartitionProgress } from "../log/PartitionProgress.ts";
import type { KafkaConfig } from "./config.ts";
import type { ClusterAdmin, DeliveredBatch, GroupMember, KafkaClient } from "./KafkaClient.ts";
import type { KnownTopics } from "./KnownTopics.ts";
import { type PartitionSource, PartitionWork } from "./PartitionWork.ts";
import { describeProblem, TopicsMissing } from "./problem.ts";

/** How long it takes at most until a member of the group notices new partitions. */
const METADATA_EVERY_MS = 5000;
const COMMIT_EVERY_MS = 5000;
const TOPIC_IDS_EVERY_MS = 10_000;
/** Maximum compressed bytes of one fetch response. Limits the memory of a consumer that catches up. */
const FETCH_BYTES = 4 * 2 ** 20;
const PARTITION_BYTES = 2 ** 20;
/**
 * How long a broker waits if there are no messages, at least and at most. It returns new messages immediately. A stop waits for the
 * answer.
 */
const FETCH_WAIT_MS = 250;
const FETCH_WAIT_MAX_MS = 500;

export interface SessionOptions {
  readonly config: KafkaConfig;
  readonly kafka: KafkaClient;
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

/** A topic does not exist, or was recreated since this session began. */
class TopicChanged extends Error {}

export class ConsumerSession {
  readonly #options: SessionOptions;
  readonly #member: GroupMember;
  readonly #works = new Map<string, PartitionWork>();
  readonly #ended = Promise.withResolvers<void>();
  #admin: ClusterAdmin | null = null;
  #topicIds = new Map<string, string>();
  #ending = false;

  constructor(options: SessionOptions) {
    const { kafka, group, topics, handler } = options;
    this.#options = options;
    const { maxBatchDelayMs = 0, storesTogether = false } = handler;
    const fetching = {
      fetchWaitMs: Math.max(FETCH_WAIT_MS, Math.min(maxBatchDelayMs, FETCH_WAIT_MAX_MS)),
      requestEveryMs: maxBatchDelayMs,
      maxBytes: FETCH_BYTES,
      partitionBytes: PARTITION_BYTES,
      passesTogether: storesTogether,
    };
    this.#member = kafka.createMember(
      { group, topics, metadataEveryMs: METADATA_EVERY_MS, ...fetching },
      {
        onJoined: (partitions) => this.#onJoined(partitions),
        onFetched: () => options.onFetched(),
        onBatch: (of, batch) => this.#onBatch(of, batch),
        onOutOfRange: (of) => void this.#works.get(keyOf(of))?.restart(),
        onFailed: (error) => this.fail(error),
      },
    );
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
      await Promise.allSettled([this.#member.leave(), this.#admin?.close()]);
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
    const { topics, knownTopics, kafka } = this.#options;
    this.#admin = await kafka.openAdmin();
    knownTopics.forget(topics);
    await knownTopics.load(topics);
    const missing = knownTopics.missing(topics);
    if (missing !== null) throw new TopicsMissing(missing);
    this.#topicIds = await this.#fetchTopicIds();
    await this.#member.join();
  }

  #onJoined(partitions: readonly PartitionOf[]): void {
    const before = this.#revokeAll();
    if (this.#ending) return;
    for (const of of partitions) {
      const work = new PartitionWork(this.#source(of), this.#options, this.#options.progressOf(of), before);
      this.#works.set(keyOf(of), work);
    }
    this.#options.onJoined(partitions);
  }

  async #revokeAll(): Promise<void> {
    const works = [...this.#works.values()];
    this.#works.clear();
    await Promise.all(works.map((work) => work.revoke()));
  }

  #source(of: PartitionOf): PartitionSource {
    const { topic, partition } = of;
    return {
      topic,
      partition,
      fetchOffsets: async () => {
        const { config } = this.#options;
        const all = await this.#admin!.offsetsOf(config.namespace + topic).catch((error) => {
          throw new Error(describeProblem(error, config), { cause: error });
        });
        const offsets = all.get(partition);
        if (offsets === undefined) throw new Error(`${topic} has no partition ${partition}`);
        return { topicId: this.#topicIds.get(topic)!, ...offsets };
      },
      readFrom: (offset) => {
        if (!this.#ending) this.#member.readFrom(of, offset);
      },
      pause: () => {
        if (!this.#ending) this.#member.pause(of);
      },
      unrecoverable: (reason) => this.fail(reason),
    };
  }

  async #onBatch(of: PartitionOf, batch: DeliveredBatch): Promise<boolean> {
    const work = this.#works.get(keyOf(of));
    if (work === undefined) return false;
    const applied = await work.deliver(batch);
    return applied && this.#works.get(keyOf(of)) === work;
  }

  async #fetchTopicIds(): Promise<Map<string, string>> {
    const { topics, config } = this.#options;
    const byName = await this.#admin!.topicIds(topics.map((topic) => config.namespace + topic));
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
      // If the brokers do not respond, the fetches fail too, and the client retries the fetches.
      if (error instanceof TopicChanged) this.fail(error);
    }
  }

  async #commit(works: ReadonlyMap<string, PartitionWork>): Promise<void> {
    const { config } = this.#options;
    const offsets = [...works].flatMap(([key, { applied }]) => {
      const slash = key.lastIndexOf("/");
      return applied === null
        ? []
        : [{ topic: key.slice(0, slash), partition: Number(key.slice(slash + 1)), offset: applied }];
    });
    if (offsets.length === 0) return;
    try {
      await this.#member.commit(offsets);
    } catch (error) {
      this.#options.logger.debug(
        { groupId: config.namespace + this.#options.group, error: (error as Error).message },
        "committing offsets for lag monitoring failed",
      );
    }
  }
}

function keyOf({ topic, partition }: PartitionOf): string {
  return `${topic}/${partition}`;
}
