/**
 * Runs one sink: joins its consumer group, reports its lag to the metrics, and keeps the reason of a failure as one line for
 * `/readyz`.
 */
import { type BatchHandler, type EventLog, PartitionLost } from "../log/EventLog.ts";
import type { RejectReason } from "./decodeMessage.ts";

export interface Sink {
  /** Also the name of its consumer group. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
}

/** Where a sink reports metrics; `src/main` binds it to `hypogeum_sink_lag_seconds` and `hypogeum_sink_rejected_total`. */
export interface SinkMetrics {
  /** Registers `read`, which returns seconds. Call the returned function to remove it. */
  lag(sink: string, read: () => number): () => void;
  rejected(sink: string, reason: RejectReason): void;
}

export interface RunningSink {
  readonly name: string;
  lagSeconds(): number;
  /** Why the sink makes no progress, as one line; null if it works. */
  problem(): string | null;
  /** Resolves when the sink has ended: with the reason if it cannot continue, with null after `stop`. Never rejects. */
  readonly ended: Promise<string | null>;
  stop(): Promise<void>;
}

/**
 * Rejects if the group cannot be joined. The log retries a batch that fails; `problem()` returns the reason until it succeeds.
 */
export async function runSink(log: EventLog, sink: Sink, metrics: SinkMetrics): Promise<RunningSink> {
  const { name } = sink;
  const failing = new Map<string, string>();
  let final: string | null = null;
  const watched = watchFailures(sink.handler, {
    onFailed: (work, error) => void failing.set(work, toLine(name, error)),
    onSettled: (work) => void failing.delete(work),
  });
  const consumer = await log.consume(name, sink.topics, watched);
  const forgetLag = metrics.lag(name, () => consumer.lagSeconds());
  const ended = consumer.stopped.then(
    () => null,
    (error: unknown) => (final = toLine(name, error)),
  );
  return {
    name,
    lagSeconds: () => consumer.lagSeconds(),
    problem: () => final ?? failing.values().next().value ?? null,
    ended,
    async stop() {
      forgetLag();
      await consumer.stop();
    },
  };
}

function toLine(sink: string, error: unknown): string {
  return `sink ${sink}: ${error instanceof Error ? error.message : String(error)}`.replace(/\s+/g, " ").trim();
}

/**
 * A failure counts as a problem until the same work succeeds, or until its partition is assigned to another process. `work` is a
 * partition or `idle`.
 */
interface Watcher {
  onFailed(work: string, error: unknown): void;
  onSettled(work: string): void;
}

function watchFailures(handler: BatchHandler, watcher: Watcher): BatchHandler {
  const watch = async <T>(work: string, attempt: () => Promise<T>): Promise<T> => {
    try {
      const result = await attempt();
      watcher.onSettled(work);
      return result;
    } catch (error) {
      // Losing a partition to another process is normal in a consumer group.
      if (error instanceof PartitionLost) watcher.onSettled(work);
      else watcher.onFailed(work, error);
      throw error;
    }
  };
  const nameOf = (topic: string, partition: number) => `${topic}[${partition}]`;
  const onIdle = handler.onIdle?.bind(handler);
  const storedOffset = handler.storedOffset?.bind(handler);
  return {
    maxBatchDelayMs: handler.maxBatchDelayMs,
    onAssigned: (topic, partition, topicId) =>
      watch(nameOf(topic, partition), () => handler.onAssigned(topic, partition, topicId)),
    apply: (batch) => watch(nameOf(batch.topic, batch.partition), () => handler.apply(batch)),
    onSkipped: (topic, partition, from, to) => handler.onSkipped(topic, partition, from, to),
    onRevoked(topic, partition) {
      watcher.onSettled(nameOf(topic, partition));
      return handler.onRevoked(topic, partition);
    },
    ...(onIdle !== undefined && { onIdle: () => watch("idle", onIdle) }),
    ...(storedOffset !== undefined && { storedOffset }),
  };
}
