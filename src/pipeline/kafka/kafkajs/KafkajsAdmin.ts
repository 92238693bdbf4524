import kafkajs, { type Admin, type Kafka } from "kafkajs";
import type { ClusterAdmin, NewTopic, PartitionOffsets, TopicLayout } from "../KafkaClient.ts";
import { fetchTopicIds } from "./topicIds.ts";

export class KafkajsAdmin implements ClusterAdmin {
  readonly #kafka: Kafka;
  readonly #admin: Admin;

  private constructor(kafka: Kafka, admin: Admin) {
    this.#kafka = kafka;
    this.#admin = admin;
  }

  static async open(kafka: Kafka): Promise<KafkajsAdmin> {
    const admin = kafka.admin();
    try {
      await admin.connect();
    } catch (error) {
      await admin.disconnect();
      throw error;
    }
    return new KafkajsAdmin(kafka, admin);
  }

  async describeCluster(): Promise<{ clusterId: string; brokers: number }> {
    const { clusterId, brokers } = await this.#admin.describeCluster();
    return { clusterId, brokers: brokers.length };
  }

  listTopics(): Promise<string[]> {
    return this.#admin.listTopics();
  }

  async createTopics(topics: readonly NewTopic[]): Promise<string | null> {
    const declared = topics.map(({ name, partitions, replicas, settings }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries: Object.entries(settings).map(([setting, value]) => ({ name: setting, value })),
    }));
    try {
      // Resolves to false if another process has created them first, which is fine.
      await this.#admin.createTopics({ topics: declared, waitForLeaders: true });
      return null;
    } catch (error) {
      const reason = refusalToCreate(error);
      if (reason === null) throw error;
      return reason;
    }
  }

  async describeTopics(names: readonly string[]): Promise<TopicLayout[]> {
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [...names] });
    return topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.length,
      replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    }));
  }

  topicIds(names: readonly string[]): Promise<Map<string, string>> {
    return fetchTopicIds(this.#kafka, names);
  }

  async readSettings(
    names: readonly string[],
    settings: readonly string[],
  ): Promise<Map<string, ReadonlyMap<string, string>>> {
    const { resources } = await this.#admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name,
        configNames: [...settings],
      })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  }

  async offsetsOf(name: string): Promise<Map<number, PartitionOffsets>> {
    const all = await this.#admin.fetchTopicOffsets(name);
    return new Map(all.map(({ partition, low, high }) => [partition, { earliest: BigInt(low), end: BigInt(high) }]));
  }

  async hasMessageSince(name: string, unixMs: number): Promise<boolean> {
    const since = await this.#admin.fetchTopicOffsetsByTimestamp(name, unixMs);
    const ends = await this.offsetsOf(name);
    return since.some(({ partition, offset }) => BigInt(offset) >= 0n && BigInt(offset) < ends.get(partition)!.end);
  }

  async hasMembers(groups: readonly string[]): Promise<boolean> {
    const described = await this.#admin.describeGroups([...groups]);
    return described.groups.some(({ members }) => members.length > 0);
  }

  close(): Promise<void> {
    return this.#admin.disconnect();
  }
}

/** Returns why the brokers refuse to create topics, by an error of kafkajs's `createTopics`; null for any other failure. */
function refusalToCreate(error: unknown): string | null {
  const { errors = [error] } = error as { errors?: unknown[] };
  const reasons = new Set(errors.flatMap((one) => (one as { type?: string }).type ?? []));
  // These types mean that the topics were created, but that a broker does not know it yet.
  for (const reason of ["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE"]) reasons.delete(reason);
  return reasons.size === 0 ? null : [...reasons].join(", ");
}
