/** Reads the Kafka settings from the environment and checks them. Does not connect, and never prints a secret. */
import { readHostPort } from "../../platform/config/addresses.ts";
import { type Env, oneOf, readWholeNumber } from "../../platform/config/envValues.ts";
import { namespaceOf } from "../../platform/config/namespace.ts";
import { shownValue } from "../../platform/config/shownValue.ts";
import { type KafkaSasl, type KafkaTls, saslOf, tlsOf } from "./security.ts";

export type CompressionName = "zstd" | "gzip" | "none";
export type ClientName = "kafkajs" | "platformatic";

export interface KafkaConfig {
  readonly client: ClientName;
  /** Each `host:port`; at least one. */
  readonly brokers: readonly string[];
  readonly tls: KafkaTls | null;
  readonly sasl: KafkaSasl | null;
  /** Prefixes the names of topics and groups; may be empty. */
  readonly namespace: string;
  /** Partitions of the busiest topics; see `topics.ts` for the others. */
  readonly partitions: number;
  /** Replicas of a topic. Null: the smaller of three and the number of brokers. */
  readonly replication: number | null;
  readonly retentionHours: number;
  readonly compression: CompressionName;
  /** A consumer that has sent no heartbeat to its group for this long loses its partitions. */
  readonly sessionTimeoutMs: number;
}

function brokersOf(list: string): string[] {
  const brokers = list.split(",").map((broker) => broker.trim());
  for (const broker of brokers) {
    if (readHostPort(broker) === null)
      throw new Error(
        `KAFKA_BROKERS: invalid ${shownValue(broker)}: expected comma-separated host:port, with IPv6 addresses in brackets`,
      );
  }
  return brokers;
}

/**
 * The settings in `env`, or null without `KAFKA_BROKERS`. Throws an error whose message is one line with the variable, its value
 * and the expected form.
 */
export function kafkaConfig(env: Env): KafkaConfig | null {
  if (!env.KAFKA_BROKERS) return null;
  const replication = readWholeNumber(env, "KAFKA_REPLICATION", 0, 32) ?? 0;
  return {
    client: oneOf(env, "KAFKA_CLIENT", ["kafkajs", "platformatic"]) ?? "kafkajs",
    brokers: brokersOf(env.KAFKA_BROKERS),
    tls: tlsOf(env),
    sasl: saslOf(env),
    namespace: namespaceOf(env),
    partitions: readWholeNumber(env, "KAFKA_PARTITIONS", 1, 1000) ?? 8,
    replication: replication === 0 ? null : replication,
    retentionHours: readWholeNumber(env, "KAFKA_RETENTION_HOURS", 1, 1_000_000) ?? 168,
    compression: oneOf(env, "KAFKA_COMPRESSION", ["zstd", "gzip", "none"]) ?? "zstd",
    sessionTimeoutMs: readWholeNumber(env, "KAFKA_SESSION_TIMEOUT_MS", 6000, 300_000) ?? 30_000,
  };
}
