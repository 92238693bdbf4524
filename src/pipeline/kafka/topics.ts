/**
 * Creates missing topics with the required partitions, replicas and settings, and describes existing topics. An existing topic is
 * never changed.
 */
import type { KafkaConfig } from "./config.ts";
import type { ClusterAdmin, NewTopic } from "./KafkaClient.ts";
import { checkedSettings, declaredSettings, partitionsOf, type TopicDescription, userOf } from "./topicSettings.ts";

interface ExistingTopics {
  readonly existing: readonly string[];
  readonly missing: readonly string[];
  /** Why the missing topics were not created; null if none is missing. */
  readonly reason: string | null;
}

/**
 * Creates those of `topics` (names without namespace) that are missing. Rejects with the client's error if the cluster is
 * unavailable. If the brokers refuse to create topics, the result says why.
 */
export async function ensureTopics(
  admin: ClusterAdmin,
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

/** Describes topics that exist. Rejects with the client's error if the cluster is unavailable. */
export async function describeTopics(
  admin: ClusterAdmin,
  topics: readonly string[],
  config: KafkaConfig,
): Promise<TopicDescription[]> {
  if (topics.length === 0) return [];
  const names = topics.map((topic) => config.namespace + topic);
  const found = await admin.describeTopics(names);
  const settings = await settingsOf(admin, names);
  return found.map(({ name, partitions, replicas }) => ({
    topic: name.slice(config.namespace.length),
    partitions,
    replicas,
    settings: settings.get(name) ?? null,
  }));
}

type Settings = Map<string, ReadonlyMap<string, string>>;

/** Resolves to the settings by topic name. The result lacks topics whose settings the user may not read. */
async function settingsOf(admin: ClusterAdmin, names: readonly string[]): Promise<Settings> {
  try {
    return await admin.readSettings(names, checkedSettings);
  } catch (error) {
    if (!isForbidden(error)) throw error;
    if (names.length === 1) return new Map();
    const each = await Promise.all(names.map((name) => settingsOf(admin, [name])));
    return new Map(each.flatMap((one) => [...one]));
  }
}

async function missingOf(
  admin: ClusterAdmin,
  topics: readonly string[],
  { namespace }: KafkaConfig,
): Promise<string[]> {
  const existing = new Set(await admin.listTopics());
  return topics.filter((topic) => !existing.has(namespace + topic));
}

/** Resolves to the brokers' reason if they refuse; to null if the topics were created. */
async function create(admin: ClusterAdmin, topics: readonly string[], config: KafkaConfig): Promise<string | null> {
  const { brokers } = await admin.describeCluster();
  return admin.createTopics(topics.map((topic) => declaration(topic, brokers, config)));
}

function declaration(topic: string, brokers: number, config: KafkaConfig): NewTopic {
  return {
    name: config.namespace + topic,
    partitions: partitionsOf(topic, config),
    replicas: config.replication ?? Math.min(3, brokers),
    settings: declaredSettings(config),
  };
}

function isForbidden(error: unknown): boolean {
  return /AUTHORIZATION_FAILED/.test((error as { type?: string }).type ?? "");
}
