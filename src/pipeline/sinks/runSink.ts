/**
 * Runs one sink: joins its consumer group, reports its lag to the metrics, and keeps the reason of a failure as one line for `/readyz`.
 */
import { type BatchHandler, type Log, PartitionLost } from "../log/Log.ts";
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

/** Rejects if the group cannot be joined. The log retries a batch that fails; `problem()` returns the reason until it succeeds. */
export async function runSink(log: Log, sink: Sink, metrics: SinkMetrics): Promise<RunningSink> {
  const { name } = sink;
  const failing = new Map<string, string>();
  let final: string | null = null;
  const watched = watchFailures(sink.handler, {
    failed: (work, error) => void failing.set(work, toLine(name, error)),
    settled: (work) => void failing.delete(work),
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

/** A failure counts until the same work succeeds, or until its partition goes to another process. `work` is a partition or `idle`. */
interface Watcher {
  failed(work: string, error: unknown): void;
  settled(work: string): void;
}

function watchFailures(handler: BatchHandler, watcher: Watcher): BatchHandler {
  const watch = async <T>(work: string, attempt: () => Promise<T>): Promise<T> => {
    try {
      const result = await attempt();
      watcher.settled(work);
      return result;
    } catch (error) {
      // Losing a partition to another process is normal in a consumer group.
      if (error instanceof PartitionLost) watcher.settled(work);
      else watcher.failed(work, error);
      throw error;
    }
  };
  const nameOf = (topic: string, partition: number) => `${topic}[${partition}]`;
  const idle = handler.idle?.bind(handler);
  const stored = handler.stored?.bind(handler);
  return {
    gatherMs: handler.gatherMs,
    assigned: (topic, partition, topicId) =>
      watch(nameOf(topic, partition), () => handler.assigned(topic, partition, topicId)),
    apply: (batch) => watch(nameOf(batch.topic, batch.partition), () => handler.apply(batch)),
    skipped: (topic, partition, from, to) => handler.skipped(topic, partition, from, to),
    revoked(topic, partition) {
      watcher.settled(nameOf(topic, partition));
      return handler.revoked(topic, partition);
    },
    ...(idle !== undefined && { idle: () => watch("idle", idle) }),
    ...(stored !== undefined && { stored }),
  };
}
