/**
 * Creates missing topics with the required partitions, replicas and settings, and describes existing topics. An existing topic is
 * never changed.
 */
import kafkajs, { type Admin, type ITopicConfig } from "kafkajs";
import type { KafkaConfig } from "./config.ts";
import { checkedSettings, declaredSettings, partitionsOf, type TopicDescription, userOf } from "./topicSettings.ts";

const TOPIC = kafkajs.ConfigResourceTypes.TOPIC;

interface ExistingTopics {
  readonly existing: readonly string[];
  readonly missing: readonly string[];
  /** Why the missing topics were not created; null if none is missing. */
  readonly reason: string | null;
}

/**
 * Creates those of `topics` (names without namespace) that are missing. Rejects with kafkajs's error if the cluster is
 * unavailable. If the brokers refuse to create topics, the result says why.
 */
export async function ensureTopics(
  admin: Admin,
  topics: readonly string[],
  config: KafkaConfig,
): Promise<ExistingTopics> {
  const missing = await missingOf(admin, topics, config);
  if (missing.length === 0) return { existing: topics, missing, reason: null };
  const reason = await create(admin, missing, config);
  // Another process, or an operator, may have created some of them meanwhile.
  const stillMissing = reason === null ? [] : await missingOf(admin, topics, config);
  return {
    existing: topics.filter((topic) => !stillMissing.includes(topic)),
    missing: stillMissing,
    reason: stillMissing.length === 0 ? null : reason,
  };
}

/** One line that names the topics and how to create them. */
export function describeMissing(topics: readonly string[], reason: string, config: KafkaConfig): string {
  const names = topics.map((topic) => config.namespace + topic);
  const list = names.map((name, at) => `${name}:${partitionsOf(topics[at], config)}`).join(" ");
  const settings = Object.entries(declaredSettings(config)).map(([name, value]) => ` --config ${name}=${value}`);
  const command = `kafka-topics.sh --bootstrap-server ${config.brokers.join(",")} --create --topic "\${t%:*}" --partitions "\${t##*:}"${config.replication === null ? "" : ` --replication-factor ${config.replication}`}${settings.join("")}`;
  return `topics ${names.join(", ")} do not exist, or may not be seen, and could not be created (${reason}); run for t in ${list}; do ${command}; done, or permit ${userOf(config)} to create and describe them`;
}

/** Describes topics that exist. Rejects with kafkajs's error if the cluster is unavailable. */
export async function describeTopics(
  admin: Admin,
  topics: readonly string[],
  config: KafkaConfig,
): Promise<TopicDescription[]> {
  if (topics.length === 0) return [];
  const names = topics.map((topic) => config.namespace + topic);
  const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
  const settings = await settingsOf(admin, names);
  return found.map(({ name, partitions }) => ({
    topic: name.slice(config.namespace.length),
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    settings: settings.get(name) ?? null,
  }));
}

type Settings = Map<string, ReadonlyMap<string, string>>;

/** Resolves to the settings by topic name. The result lacks topics whose settings the user may not read. */
async function settingsOf(admin: Admin, names: readonly string[]): Promise<Settings> {
  try {
    return await readSettings(admin, names);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    if (names.length === 1) return new Map();
    const each = await Promise.all(names.map((name) => settingsOf(admin, [name])));
    return new Map(each.flatMap((one) => [...one]));
  }
}

async function readSettings(admin: Admin, names: readonly string[]): Promise<Settings> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: TOPIC, name, configNames: checkedSettings })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}

async function missingOf(admin: Admin, topics: readonly string[], { namespace }: KafkaConfig): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  return topics.filter((topic) => !existing.has(namespace + topic));
}

/** Resolves to the brokers' reason if they refuse; to null if the topics were created. */
async function create(admin: Admin, topics: readonly string[], config: KafkaConfig): Promise<string | null> {
  const { brokers } = await admin.describeCluster();
  try {
    // Resolves to false if another process has created them first, which is fine.
    await admin.createTopics({
      topics: topics.map((topic) => declaration(topic, brokers.length, config)),
      waitForLeaders: true,
    });
    return null;
  } catch (error) {
    const reason = refusalToCreate(error);
    if (reason === null) throw error;
    return reason;
  }
}

/** Returns why the brokers refuse to create topics, by an error of kafkajs's `createTopics`; null for any other failure. */
export function refusalToCreate(error: unknown): string | null {
  const { errors = [error] } = error as { errors?: unknown[] };
  const reasons = new Set(errors.flatMap((one) => (one as { type?: string }).type ?? []));
  // These types mean that the topics were created, but that a broker does not know it yet.
  for (const reason of ["UNKNOWN_TOPIC_OR_PARTITION", "LEADER_NOT_AVAILABLE"]) reasons.delete(reason);
  return reasons.size === 0 ? null : [...reasons].join(", ");
}

function declaration(topic: string, brokers: number, config: KafkaConfig): ITopicConfig {
  return {
    topic: config.namespace + topic,
    numPartitions: partitionsOf(topic, config),
    replicationFactor: config.replication ?? Math.min(3, brokers),
    configEntries: Object.entries(declaredSettings(config)).map(([name, value]) => ({ name, value })),
  };
}

function isForbidden(error: unknown): boolean {
  return /AUTHORIZATION_FAILED/.test((error as { type?: string }).type ?? "");
}
