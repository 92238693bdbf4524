/**
 * Creates kafkajs clients from the settings: addresses, TLS, authentication, compression, logging.
 */
import kafkajs, { type CompressionTypes, type Kafka, type Mechanism, type SASLOptions } from "kafkajs";
import "../../../platform/adapters/kafkajs/decodeRecords.ts";
import "../../../platform/adapters/kafkajs/encodeProduce.ts";
import "../../../platform/adapters/kafkajs/preventIdleTimers.ts";
import "../../../platform/adapters/kafkajs/tolerateClockSteps.ts";
import type { Logger } from "../../../platform/logging/Logger.ts";
import type { CompressionName, KafkaConfig } from "../config.ts";
import type { KafkaSasl } from "../security.ts";
import { compress, decompress } from "../zstd.ts";
import { nameOfBroker, openBrokerSocket } from "./ipv6Brokers.ts";
import { logThrough } from "./logThrough.ts";
import { oauthSignIn } from "./oauthSignIn.ts";

// kafkajs defines the number of this codec but does not implement it. Node does.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: async (encoder: { buffer: Buffer }) => compress(encoder.buffer),
  decompress: async (buffer: Buffer) => decompress(buffer),
});

export const compressionTypes: Readonly<Record<CompressionName, CompressionTypes>> = {
  zstd: kafkajs.CompressionTypes.ZSTD,
  gzip: kafkajs.CompressionTypes.GZIP,
  none: kafkajs.CompressionTypes.None,
};

function saslOptions(sasl: KafkaSasl): SASLOptions | Mechanism {
  return sasl.mechanism === "oauthbearer" ? oauthSignIn(sasl) : ({ ...sasl } as SASLOptions);
}

/** A client for the configured cluster. It does not connect yet. */
export function createClient(config: KafkaConfig, logger: Logger): Kafka {
  return new kafkajs.Kafka({
    clientId: `${config.namespace}hypogeum`,
    brokers: config.brokers.map(nameOfBroker),
    socketFactory: openBrokerSocket,
    ssl: config.tls === null ? false : { ca: config.tls.ca ?? undefined, ...config.tls.client },
    sasl: config.sasl === null ? undefined : saslOptions(config.sasl),
    connectionTimeout: 5000,
    authenticationTimeout: 5000,
    requestTimeout: 30_000,
    // A few quick attempts each. For longer failures, the callers retry with their own backoff and report the problem.
    retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 2000 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: logThrough(logger),
  });
}
