/**
 * Creates missing topics with their partitions, replicas, retention, and timestamps by the broker. A topic that exists is never
 * changed.
 */
import type { Admin, ITopicConfig } from "kafkajs";
import type { KafkaConfig } from "./config.ts";

/** Topics that get all configured partitions: every tick of every match writes to them. */
const busiest = new Set(["logs_move", "logs_input"]);
/** Topics with a few messages per second in total. One partition keeps all messages of a topic in order. */
const quiet = new Set(["logs_queue", "logs_stats", "logs_rejected"]);

const HOUR_MS = 3_600_000;
/** Large enough for a match's setup and for large batches; brokers reject more than 1 MB by default. */
const MESSAGE_MAX_BYTES = 8 * 2 ** 20;

/** Number of partitions of a new topic: all, one, or half of the configured number. */
export function partitionsOf(topic: string, config: KafkaConfig): number {
  if (busiest.has(topic)) return config.partitions;
  return quiet.has(topic) ? 1 : Math.ceil(config.partitions / 2);
}

function declaration(topic: string, brokers: number, config: KafkaConfig): ITopicConfig {
  const settings = {
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "retention.ms": String(config.retentionHours * HOUR_MS),
    "max.message.bytes": String(MESSAGE_MAX_BYTES),
  };
  return {
    topic: config.namespace + topic,
    numPartitions: partitionsOf(topic, config),
    replicationFactor: config.replication ?? Math.min(3, brokers),
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}

async function partitionCounts(admin: Admin, topics: readonly string[], namespace: string) {
  const { topics: found } = await admin.fetchTopicMetadata({ topics: topics.map((topic) => namespace + topic) });
  return new Map(found.map(({ name, partitions }) => [name.slice(namespace.length), partitions.length]));
}

/**
 * Creates those of `topics` (names without namespace) that are missing, and returns the number of partitions of each.
 * Rejects with kafkajs's error if the cluster is unavailable or forbids it.
 */
export async function ensureTopics(
  admin: Admin,
  topics: readonly string[],
  config: KafkaConfig,
): Promise<Map<string, number>> {
  const existing = new Set(await admin.listTopics());
  const missing = topics.filter((topic) => !existing.has(config.namespace + topic));
  if (missing.length > 0) {
    const { brokers } = await admin.describeCluster();
    // Resolves to false if another process has created them first, which is fine.
    await admin.createTopics({
      topics: missing.map((topic) => declaration(topic, brokers.length, config)),
      waitForLeaders: true,
    });
  }
  return partitionCounts(admin, topics, config.namespace);
}
