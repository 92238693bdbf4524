/**
 * Which services there are and which versions of them. compose.yaml names the same ones; a test compares the two.
 */

export const serviceNames = ["kafka", "postgres", "redis", "s3"] as const;
export type ServiceName = (typeof serviceNames)[number];

/** Kafka's jars, from Maven Central, and the image `apache/kafka`. */
export const kafkaVersion = "4.3.1";
/** The S3 server's Go module, and the image `versity/versitygw`. */
export const versitygwVersion = "v1.8.0";
/** Oldest major version that the warehouse's SQL is written for. Debian's own is taken; the image is pinned to this one. */
export const postgresMajorMin = 15;
/** Oldest major version of Redis in use. Debian's own is taken; the image is pinned to this one. */
export const redisMajorMin = 7;

export const images: Readonly<Record<ServiceName, string>> = {
  kafka: `apache/kafka:${kafkaVersion}`,
  postgres: `postgres:${postgresMajorMin}-bookworm`,
  redis: `redis:${redisMajorMin}-bookworm`,
  s3: `versity/versitygw:${versitygwVersion}`,
};

/** The variable by which compose.yaml is told the loopback port of each service. */
export const portVariables: Readonly<Record<ServiceName, string>> = {
  kafka: "KAFKA_PORT",
  postgres: "POSTGRES_PORT",
  redis: "REDIS_PORT",
  s3: "S3_PORT",
};

export function isServiceName(text: string): text is ServiceName {
  return (serviceNames as readonly string[]).includes(text);
}
