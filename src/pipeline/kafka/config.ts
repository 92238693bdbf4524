/** Reads the Kafka settings from the environment and checks them. Does not connect, and never prints a secret. */
import { readFileSync } from "node:fs";
import { readHostPort } from "../../platform/config/addresses.ts";
import { namespaceOf } from "../../platform/config/namespace.ts";

export type SaslMechanism = "plain" | "scram-sha-256" | "scram-sha-512";
export type CompressionName = "zstd" | "gzip" | "none";

export interface KafkaConfig {
  /** Each `host:port`; at least one. */
  readonly brokers: readonly string[];
  readonly tls: { readonly ca: string | null } | null;
  readonly sasl: { readonly mechanism: SaslMechanism; readonly username: string; readonly password: string } | null;
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

type Env = Readonly<Record<string, string | undefined>>;

function oneOf<const T extends string>(env: Env, name: string, allowed: readonly T[], fallback: T): T {
  const read = env[name];
  if (read === undefined || read === "") return fallback;
  const choice = allowed.find((value) => value === read.toLowerCase());
  if (choice === undefined)
    throw new Error(`${name}: invalid ${JSON.stringify(read)}: expected one of ${allowed.join(", ")}`);
  return choice;
}

function wholeNumber(env: Env, name: string, min: number, max: number, fallback: number): number {
  const read = env[name];
  if (read === undefined || read === "") return fallback;
  const value = Number(read);
  // `Number` also accepts 0x10, 1e3 and spaces.
  if (!/^\d+$/.test(read) || value < min || value > max)
    throw new Error(`${name}: invalid ${JSON.stringify(read)}: expected a whole number from ${min} to ${max}`);
  return value;
}

function brokersOf(list: string): string[] {
  const brokers = list.split(",").map((broker) => broker.trim());
  for (const broker of brokers) {
    if (readHostPort(broker) === null)
      throw new Error(
        `KAFKA_BROKERS: invalid ${JSON.stringify(broker)}: expected comma-separated host:port, an IPv6 address in brackets`,
      );
  }
  return brokers;
}

function tlsOf(env: Env): KafkaConfig["tls"] {
  const file = env.KAFKA_SSL_CA;
  const sslSetting = oneOf(env, "KAFKA_SSL", ["0", "1", "false", "true"], file ? "1" : "0");
  if (sslSetting === "0" || sslSetting === "false") return null;
  if (!file) return { ca: null };
  try {
    return { ca: readFileSync(file, "utf8") };
  } catch (error) {
    throw new Error(
      `KAFKA_SSL_CA: cannot read ${JSON.stringify(file)} (${(error as NodeJS.ErrnoException).code}): expected a file with CA certificates`,
    );
  }
}

function saslOf(env: Env): KafkaConfig["sasl"] {
  const { KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = env;
  if (!username && !password && !env.KAFKA_SASL_MECHANISM) return null;
  if (!username)
    throw new Error(
      "KAFKA_SASL_USERNAME is not set: KAFKA_SASL_MECHANISM or KAFKA_SASL_PASSWORD is set and requires it",
    );
  if (!password) throw new Error("KAFKA_SASL_PASSWORD is not set: KAFKA_SASL_USERNAME requires it");
  const mechanism = oneOf(env, "KAFKA_SASL_MECHANISM", ["plain", "scram-sha-256", "scram-sha-512"], "plain");
  return { mechanism, username, password };
}

/**
 * The settings in `env`, or null without `KAFKA_BROKERS`. Throws an error whose message is one line with the variable, its value
 * and the expected form.
 */
export function kafkaConfig(env: Env): KafkaConfig | null {
  if (!env.KAFKA_BROKERS) return null;
  const replication = wholeNumber(env, "KAFKA_REPLICATION", 0, 32, 0);
  return {
    brokers: brokersOf(env.KAFKA_BROKERS),
    tls: tlsOf(env),
    sasl: saslOf(env),
    namespace: namespaceOf(env),
    partitions: wholeNumber(env, "KAFKA_PARTITIONS", 1, 1000, 8),
    replication: replication === 0 ? null : replication,
    retentionHours: wholeNumber(env, "KAFKA_RETENTION_HOURS", 1, 1_000_000, 168),
    compression: oneOf(env, "KAFKA_COMPRESSION", ["zstd", "gzip", "none"], "zstd"),
    sessionTimeoutMs: wholeNumber(env, "KAFKA_SESSION_TIMEOUT_MS", 6000, 300_000, 30_000),
  };
}
