import { kafkaConfig } from "../pipeline/kafka/config.ts";
import type { Config } from "../platform/config/readConfig.ts";

const SECOND_MS = 1000;
/** The audit counts a match as open for 15 minutes. */
const EVENTS_SECONDS = 600;
/** One file per hour. */
const SAMPLES_SECONDS = 3600;
/**
 * Without Kafka, the outbox keeps every record that the lake has not stored. An alert reports a record that is older than five minutes.
 */
const EMBEDDED_SECONDS = 240;
/** After a crash, what was not stored is read again. Until then, Kafka must not delete it: a quarter of KAFKA_RETENTION_HOURS. */
const PART_OF_HOUR_SECONDS = 900;

/** When a file of the lake is stored. */
export interface LakeFlush {
  /** Age of a file of events. */
  readonly eventsMs: number;
  /** Age of a file of samples (`logs_stats`). */
  readonly samplesMs: number;
  readonly bytes: number;
}

/** LAKE_FLUSH_SECONDS and LAKE_FLUSH_MB, or their defaults. */
export function lakeFlushOf({ lakeFlushSeconds, lakeFlushMb, env }: Config): LakeFlush {
  const kafka = kafkaConfig(env);
  const longest = kafka === null ? EMBEDDED_SECONDS : kafka.retentionHours * PART_OF_HOUR_SECONDS;
  const seconds = (byDefault: number) => lakeFlushSeconds ?? Math.min(byDefault, longest);
  return {
    eventsMs: seconds(EVENTS_SECONDS) * SECOND_MS,
    samplesMs: seconds(SAMPLES_SECONDS) * SECOND_MS,
    bytes: lakeFlushMb * 2 ** 20,
  };
}
