/**
 * The settings that a topic must have, so that it keeps every message until all sinks have read it. Operators can create and change
 * topics too, so the settings of existing topics are checked. Pure.
 */
import type { KafkaConfig } from "./config.ts";

const HOUR_MS = 3_600_000;
/** Large enough for a match's setup and for large batches; brokers reject more than 1 MB by default. */
export const MESSAGE_MAX_BYTES = 8 * 2 ** 20;

/** Topics that get all configured partitions: every tick of every match writes to them. */
const busiest = new Set(["logs_move", "logs_input"]);
/** Topics with a few messages per second in total. One partition keeps all messages of a topic in order. */
const quiet = new Set(["logs_admin", "logs_player", "logs_queue", "logs_rating", "logs_stats", "logs_rejected"]);

/** Number of partitions of a new topic: all, one, or half of the configured number. */
export function partitionsOf(topic: string, config: KafkaConfig): number {
  if (busiest.has(topic)) return config.partitions;
  return quiet.has(topic) ? 1 : Math.ceil(config.partitions / 2);
}

/** Settings of a new topic. */
export function declaredSettings(config: KafkaConfig): Record<string, string> {
  return {
    "cleanup.policy": "delete",
    "message.timestamp.type": "LogAppendTime",
    "retention.ms": String(config.retentionHours * HOUR_MS),
    "max.message.bytes": String(MESSAGE_MAX_BYTES),
  };
}

export interface TopicDescription {
  /** Without namespace. */
  readonly topic: string;
  readonly partitions: number;
  /** Number of replicas of the partition that has the fewest. */
  readonly replicas: number;
  /** By name; null if the user may not read them. */
  readonly settings: ReadonlyMap<string, string> | null;
}

interface Found {
  /** What is found and what is expected. */
  readonly text: string;
  /** The value to set. */
  readonly set: string;
  /** Whether nothing may be sent to the topic, because messages would be lost or refused. */
  readonly holds: boolean;
}

export interface Mismatch {
  readonly setting: string;
  /** One line: topic, setting, its consequence and the command that corrects it. Null if the setting is right. */
  readonly line: string | null;
  readonly holds: boolean;
}

type Rule = (value: string, topic: TopicDescription, config: KafkaConfig) => Found | null;

const rules: Readonly<Record<string, Rule>> = {
  "cleanup.policy": (value) =>
    value === "delete"
      ? null
      : {
          text: `${value}, expected delete: Kafka would delete all but the newest message of each match. Nothing is sent to it until this is corrected`,
          ...{ set: "delete", holds: true },
        },
  "min.insync.replicas": (value, { replicas }) =>
    Number(value) <= replicas
      ? null
      : {
          text: `${value}, but a partition has only ${replicas} replicas, so no message is accepted. Nothing is sent to it until this is corrected`,
          ...{ set: String(Math.max(1, replicas - 1)), holds: true },
        },
  "max.message.bytes": (value) =>
    Number(value) >= MESSAGE_MAX_BYTES
      ? null
      : {
          text: `${value}, expected at least ${MESSAGE_MAX_BYTES}: a larger message would not be accepted`,
          ...{ set: String(MESSAGE_MAX_BYTES), holds: false },
        },
  "message.timestamp.type": (value) =>
    value === "LogAppendTime"
      ? null
      : {
          text: `${value}, expected LogAppendTime: otherwise the clocks of the game machines, and not those of the brokers, decide when a message is deleted`,
          ...{ set: "LogAppendTime", holds: false },
        },
  "retention.ms": (value, _topic, { retentionHours }) =>
    Number(value) < 0 || Number(value) >= retentionHours * HOUR_MS
      ? null
      : {
          text: `${value}, expected at least ${retentionHours * HOUR_MS} (KAFKA_RETENTION_HOURS=${retentionHours}): messages are deleted before a sink that was unavailable reads them`,
          ...{ set: String(retentionHours * HOUR_MS), holds: false },
        },
  "retention.bytes": (value) =>
    Number(value) < 0
      ? null
      : {
          text: `${value}, expected -1: messages are deleted at this size, before KAFKA_RETENTION_HOURS`,
          ...{ set: "-1", holds: false },
        },
  "unclean.leader.election.enable": (value) =>
    value === "false"
      ? null
      : {
          text: `${value}, expected false: a broker that lacks the newest messages could become leader, and they would be lost`,
          ...{ set: "false", holds: false },
        },
};

export const checkedSettings = Object.keys(rules);

/** Returns the result of each check of the topic. Settings that are unknown are not checked. */
export function checkSettings(topic: TopicDescription, config: KafkaConfig): Mismatch[] {
  const name = config.namespace + topic.topic;
  const checks = checkedSettings.map((setting): Mismatch => {
    const value = topic.settings?.get(setting);
    const found = value === undefined ? null : rules[setting](value, topic, config);
    if (found === null) return { setting, line: null, holds: false };
    return {
      setting,
      line: `topic ${name} has ${setting}=${found.text}; run ${alterCommand(name, setting, found.set, config)}`,
      holds: found.holds,
    };
  });
  return [...checks, checkPartitions(topic, config), checkPermission(topic, config)];
}

function checkPartitions({ topic, partitions }: TopicDescription, config: KafkaConfig): Mismatch {
  const expected = partitionsOf(topic, config);
  const name = config.namespace + topic;
  return {
    setting: "partitions",
    line:
      partitions >= expected
        ? null
        : `topic ${name} has ${partitions} partitions, expected ${expected} (KAFKA_PARTITIONS=${config.partitions}): fewer sinks can share it; run kafka-topics.sh --bootstrap-server ${config.brokers.join(",")} --alter --topic ${name} --partitions ${expected}`,
    holds: false,
  };
}

function checkPermission({ topic, settings }: TopicDescription, config: KafkaConfig): Mismatch {
  const name = config.namespace + topic;
  return {
    setting: "DescribeConfigs",
    line:
      settings !== null
        ? null
        : `topic ${name}: its settings cannot be checked, because ${userOf(config)} may not read them; run ${aclCommand(name, ["DescribeConfigs"], config)}`,
    holds: false,
  };
}

/** The command that changes one setting of a topic. @param name with namespace. */
export function alterCommand(name: string, setting: string, value: string, { brokers }: KafkaConfig): string {
  return `kafka-configs.sh --bootstrap-server ${brokers.join(",")} --alter --entity-type topics --entity-name ${name} --add-config ${setting}=${value}`;
}

/** The command that permits operations on a topic. @param name with namespace. */
export function aclCommand(name: string, operations: readonly string[], { brokers, sasl }: KafkaConfig): string {
  const operated = operations.map((operation) => ` --operation ${operation}`).join("");
  return `kafka-acls.sh --bootstrap-server ${brokers.join(",")} --add --allow-principal User:${sasl?.username ?? "ANONYMOUS"}${operated} --topic ${name}`;
}

/** The user of this program, for messages. */
export function userOf({ sasl }: KafkaConfig): string {
  return sasl === null ? "User:ANONYMOUS" : `KAFKA_SASL_USERNAME=${sasl.username}`;
}
