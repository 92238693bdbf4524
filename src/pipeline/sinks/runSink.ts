/**
 * Owns the running of one sink: joins its consumer group, tells the metrics its lag, and says in one line what is wrong.
 * Knows no sink's effect.
 */
import { type BatchHandler, type Log, PartitionLost } from "../log/Log.ts";
import type { RejectReason } from "./decodeMessage.ts";

export interface Sink {
  /** Also the name of its consumer group. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
}

/** What a sink tells the metrics; `main` binds it to `hypogeum_sink_lag_seconds` and `hypogeum_sink_rejected_total`. */
export interface SinkMetrics {
  /** `read` is to be called whenever the metrics are read, until the function returned here is called. */
  lag(sink: string, read: () => number): () => void;
  rejected(sink: string, reason: RejectReason): void;
}

export interface RunningSink {
  readonly name: string;
  lagSeconds(): number;
  /** Why the sink stands still, as one line; null when all is well. */
  problem(): string | null;
  /** Resolves once the sink has ended: with the reason where it had to stop for good, with null after `stop`. */
  readonly ended: Promise<string | null>;
  stop(): Promise<void>;
}

/** Rejects where the group cannot be joined. A batch that fails is tried again by the log, and shows in `problem()` meanwhile. */
export async function runSink(log: Log, sink: Sink, metrics: SinkMetrics): Promise<RunningSink> {
  const { name } = sink;
  const failing = new Map<string, string>();
  let final: string | null = null;
  const watched = watchFailures(sink.handler, {
    failed: (work, error) => void failing.set(work, line(name, error)),
    settled: (work) => void failing.delete(work),
  });
  const consumer = await log.consume(name, sink.topics, watched);
  const forgetLag = metrics.lag(name, () => consumer.lagSeconds());
  const ended = consumer.stopped.then(
    () => null,
    (error: unknown) => (final = line(name, error)),
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

function line(sink: string, error: unknown): string {
  return `sink ${sink}: ${error instanceof Error ? error.message : String(error)}`.replace(/\s+/g, " ").trim();
}

/** MatchMessage of each piece of work, by partition: what fails stands until it works, or is somebody else's. */
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
      // Giving up a partition is how groups work, not a fault.
      if (error instanceof PartitionLost) watcher.settled(work);
      else watcher.failed(work, error);
      throw error;
    }
  };
  const of = (topic: string, partition: number) => `${topic}[${partition}]`;
  const idle = handler.idle?.bind(handler);
  const stored = handler.stored?.bind(handler);
  return {
    gatherMs: handler.gatherMs,
    assigned: (topic, partition, topicId) =>
      watch(of(topic, partition), () => handler.assigned(topic, partition, topicId)),
    apply: (batch) => watch(of(batch.topic, batch.partition), () => handler.apply(batch)),
    skipped: (topic, partition, from, to) => handler.skipped(topic, partition, from, to),
    revoked(topic, partition) {
      watcher.settled(of(topic, partition));
      return handler.revoked(topic, partition);
    },
    ...(idle !== undefined && { idle: () => watch("idle", idle) }),
    ...(stored !== undefined && { stored }),
  };
}
