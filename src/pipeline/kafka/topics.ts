/**
 * Owns the topics' names in the cluster and their making: partitions, replicas, retention, times given by the broker.
 * Never changes a topic that exists.
 */
import type { Admin, ITopicConfig } from "kafkajs";
import type { KafkaConfig } from "./config.ts";

/** Topics that get all configured partitions: every tick of every match writes to them. */
const busiest = new Set(["logs_move", "logs_input"]);
/** Topics with a few messages a second in all: one partition each keeps them in one order. */
const quiet = new Set(["logs_queue", "logs_stats", "logs_rejected"]);

const HOUR_MS = 3_600_000;
/** Room for one large message (a match's setup) and for batches that brokers' default of 1 MB would refuse. */
const MESSAGE_MAX_BYTES = 8 * 2 ** 20;

/** Partitions that a topic is made with: all, one, or half of the configured number. */
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
 * Makes those of `topics` (without namespace) that are missing and returns the number of partitions of each.
 * Rejects with kafkajs's error when the cluster cannot be reached or forbids it.
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
    // Resolves to false where another process was faster, which is as good.
    await admin.createTopics({
      topics: missing.map((topic) => declaration(topic, brokers.length, config)),
      waitForLeaders: true,
    });
  }
  return partitionCounts(admin, topics, config.namespace);
}
