/**
 * Owns the making of kafkajs clients from the settings: addresses, TLS, sign-in, compression, logging.
 * kafkajs's own lines are passed on field by field, so that no secret can be among them.
 */
import { promisify } from "node:util";
import zlib from "node:zlib";
import kafkajs, { type CompressionTypes, type Kafka, type logCreator, type SASLOptions } from "kafkajs";
import "../../platform/adapters/kafkajs/idleTimers.ts";
import type { Logger } from "../../platform/logging/Logger.ts";
import type { CompressionName, KafkaConfig } from "./config.ts";

const zstdCompress = promisify(zlib.zstdCompress) as (
  input: Uint8Array,
  options: zlib.ZstdOptions,
) => Promise<Buffer<ArrayBuffer>>;
const zstdDecompress = promisify(zlib.zstdDecompress);

/** Level 1: on event batches it is both smaller and several times faster than gzip. */
const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

// kafkajs knows the codec's number but brings no code for it; Node has it built in.
kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD] = () => ({
  compress: (encoder: { buffer: Buffer }) => zstdCompress(encoder.buffer, zstdOptions),
  decompress: (buffer: Buffer) => zstdDecompress(buffer),
});

export const compressionTypes: Readonly<Record<CompressionName, CompressionTypes>> = {
  zstd: kafkajs.CompressionTypes.ZSTD,
  gzip: kafkajs.CompressionTypes.GZIP,
  none: kafkajs.CompressionTypes.None,
};

/** Fields of kafkajs's log entries that are of use; everything else is left out. */
const passedOn = ["groupId", "topic", "partition", "broker", "error", "retryCount", "retryTime"] as const;

function logThrough(logger: Logger): logCreator {
  return () =>
    ({ namespace, level, log }) => {
      const fields: Record<string, unknown> = { component: `kafkajs ${namespace}`.trim() };
      for (const name of passedOn) {
        const value: unknown = log[name];
        if (value !== undefined) fields[name] = value instanceof Error ? value.message : value;
      }
      // What kafkajs calls an error is mostly an attempt that it repeats; what matters is reported by the caller.
      if (level === kafkajs.logLevel.ERROR || level === kafkajs.logLevel.WARN) logger.warn(fields, log.message);
      else logger.debug(fields, log.message);
    };
}

/** A client for the configured cluster; nothing is connected yet. */
export function createClient(config: KafkaConfig, logger: Logger): Kafka {
  return new kafkajs.Kafka({
    clientId: `${config.namespace}hypogeum`,
    brokers: [...config.brokers],
    ssl: config.tls === null ? false : { ca: config.tls.ca ?? undefined },
    sasl: config.sasl === null ? undefined : ({ ...config.sasl } as SASLOptions),
    connectionTimeout: 5000,
    authenticationTimeout: 5000,
    requestTimeout: 30_000,
    // A handful of quick attempts each; what lasts longer is repeated, and reported, by the callers' own back-off.
    retry: { initialRetryTime: 100, retries: 4, maxRetryTime: 2000 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: logThrough(logger),
  });
}
