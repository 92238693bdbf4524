/**
 * What this program needs of a Kafka client. Two clients provide it: kafkajs (`kafkajs/`) and @platformatic/kafka (`platformatic/`);
 * `KAFKA_CLIENT` chooses one. Everything else in this folder is independent of the client: which batches are sent, and when they are
 * repeated; the life of a consumer and of its partitions; topics, and the texts of problems.
 *
 * Both clients choose the same partition for a key and join the same consumer groups, so the client can be changed while the program
 * runs, one process after another.
 *
 * Errors that a broker has answered have the field `type`: Kafka's name of the error, such as `NOT_ENOUGH_REPLICAS`. `describeProblem`
 * turns any error of a client into one line.
 */
import type { PartitionOf } from "../log/ConsumerProgress.ts";
import type { LogBatch } from "../log/EventLog.ts";

export interface KafkaClient {
  /** Connects. Names of topics and groups are with namespace. Call `close`. */
  openAdmin(): Promise<ClusterAdmin>;
  /** Connects, and gets a new producer id. Names of topics are with namespace. Call `close`. */
  openProducer(): Promise<BatchProducer>;
  /** Does not connect yet. Names of topics and groups are without namespace. */
  createMember(options: MemberOptions, events: MemberEvents): GroupMember;
  /** The partition, of `count`, of messages with this key: by murmur2, as Kafka's own clients choose it. */
  partitionOf(key: string | Buffer, count: number): number;
}

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicas: number;
  readonly settings: Readonly<Record<string, string>>;
}

export interface TopicLayout {
  readonly name: string;
  readonly partitions: number;
  /** Number of replicas of the partition that has the fewest. */
  readonly replicas: number;
}

export interface PartitionOffsets {
  /** Offset of the earliest message. */
  readonly earliest: bigint;
  /** Offset after the last message. */
  readonly end: bigint;
}

export interface ClusterAdmin {
  describeCluster(): Promise<{ readonly clusterId: string; readonly brokers: number }>;
  listTopics(): Promise<string[]>;
  /**
   * Resolves to null when the topics exist, also if another process has created them. Resolves to the brokers' reason if they
   * refuse, such as `TOPIC_AUTHORIZATION_FAILED`.
   */
  createTopics(topics: readonly NewTopic[]): Promise<string | null>;
  /** Rejects if one of the topics does not exist. */
  describeTopics(names: readonly string[]): Promise<TopicLayout[]>;
  /**
   * The ids of those topics that exist, in the form that Kafka prints: 22 characters of base64url. Sinks store them. A topic that is
   * deleted and recreated gets another id.
   */
  topicIds(names: readonly string[]): Promise<Map<string, string>>;
  /** By topic and setting. Rejects if the user may not read the settings of one of them. */
  readSettings(
    names: readonly string[],
    settings: readonly string[],
  ): Promise<Map<string, ReadonlyMap<string, string>>>;
  /** By partition. */
  offsetsOf(name: string): Promise<Map<number, PartitionOffsets>>;
  /** Whether the topic has a message that was stored after this time, in Unix ms. */
  hasMessageSince(name: string, unixMs: number): Promise<boolean>;
  /** Whether one of the groups has a member. */
  hasMembers(groups: readonly string[]): Promise<boolean>;
  close(): Promise<void>;
}

export interface OutgoingRecord {
  readonly partition: number;
  readonly key: string | Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string | Buffer | null;
}

/** An idempotent producer, for one batch at a time. */
export interface BatchProducer {
  /**
   * Sends records by topic. Resolves when all in-sync replicas have stored them. If it rejects, some may be stored; do not use the
   * producer again then.
   */
  send(records: ReadonlyMap<string, readonly OutgoingRecord[]>): Promise<void>;
  close(): Promise<void>;
}

export interface MemberOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** How long it takes at most until the member notices new partitions. */
  readonly metadataEveryMs: number;
  /** How long a broker waits if there are no messages. */
  readonly fetchWaitMs: number;
  /** The time from one request to the next, while the member has read all messages there are. 0: the next one follows at once. */
  readonly requestEveryMs: number;
  /** Compressed bytes of one fetch response, and of one partition in it. */
  readonly maxBytes: number;
  readonly partitionBytes: number;
  /** Whether the batches of an answer of a broker must be passed all at once. */
  readonly passesTogether: boolean;
}

export type DeliveredBatch = Omit<LogBatch, "topic" | "partition" | "topicId">;

export interface PartitionAt extends PartitionOf {
  readonly offset: bigint;
}

/** What a member reports. */
export interface MemberEvents {
  /** The group has assigned these partitions. They replace the earlier ones, and are not read before `readFrom`. */
  onJoined(partitions: readonly PartitionOf[]): void;
  /** A broker has answered a request for messages. */
  onFetched(): void;
  /** Resolves to whether the batch was applied. Batches of one partition never overlap. */
  onBatch(partition: PartitionOf, batch: DeliveredBatch): Promise<boolean>;
  /** The broker no longer has, or does not yet have, the offset that was to be read. */
  onOutOfRange(partition: PartitionOf): void;
  /** The member cannot continue. Call `leave`. */
  onFailed(error: Error): void;
}

/** A member of a consumer group. */
export interface GroupMember {
  /** Joins the group. Rejects if that fails; after that, failures are reported by `onFailed`. */
  join(): Promise<void>;
  readFrom(partition: PartitionOf, offset: bigint): void;
  pause(partition: PartitionOf): void;
  /** Stores offsets in Kafka, for lag dashboards. */
  commit(offsets: readonly PartitionAt[]): Promise<void>;
  leave(): Promise<void>;
}
