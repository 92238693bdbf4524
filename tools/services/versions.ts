/** The versions of the services, their images and their port variables. A test compares compose.yaml with this file. */
import type { ServiceName } from "./serviceNames.ts";

/** Version of Kafka's jars from Maven Central, and of the image `apache/kafka`. */
export const kafkaVersion = "4.3.1";
/** Version of the S3 server's Go module, and of the image `versity/versitygw`. */
export const versitygwVersion = "v1.8.0";
/** Oldest major version that the warehouse's SQL supports. The image has this one; native runs use Debian's version. */
export const postgresMajorMin = 15;
/** Oldest supported major version of Redis. The image has this one; native runs use Debian's version. */
export const redisMajorMin = 7;

export const images: Readonly<Record<ServiceName, string>> = {
  kafka: `apache/kafka:${kafkaVersion}`,
  postgres: `postgres:${postgresMajorMin}-bookworm`,
  redis: `redis:${redisMajorMin}-bookworm`,
  s3: `versity/versitygw:${versitygwVersion}`,
};

/** The variable that sets the loopback port of each service in compose.yaml. */
export const portVariables: Readonly<Record<ServiceName, string>> = {
  kafka: "KAFKA_PORT",
  postgres: "POSTGRES_PORT",
  redis: "REDIS_PORT",
  s3: "S3_PORT",
};
