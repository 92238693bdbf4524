/** Runs one sink: joins its consumer group, and reports its lag and why it makes no progress. */
import type { BatchHandler, EventLog } from "../log/EventLog.ts";
import { toLine } from "../log/toLine.ts";
import type { RejectReason } from "./decodeMessage.ts";

export interface Sink {
  /** Also the name of its consumer group. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
}

/** Where sinks count; `src/main` binds it to `hypogeum_sink_rejected_total` and `hypogeum_sink_put_failures_total`. */
export interface SinkMetrics {
  rejected(sink: string, reason: RejectReason): void;
  /** A file could not be stored. It is tried again. */
  putFailed(sink: string): void;
}

export interface RunningSink {
  readonly name: string;
  /** Age in seconds of the oldest message that the sink has not yet stored. */
  lagSeconds(): number;
  /** Why the sink makes no progress, one line each. A failure stands until the same operation succeeds. */
  problems(): string[];
  /** Resolves when the sink has ended: with the reason if it cannot continue, with null after `stop`. Never rejects. */
  readonly ended: Promise<string | null>;
  stop(): Promise<void>;
}

/** Rejects if the group cannot be joined. The log retries a batch that fails. */
export async function runSink(log: EventLog, { name, topics, handler }: Sink): Promise<RunningSink> {
  let final: string | null = null;
  const consumer = await log.consume(name, topics, handler);
  const lineOf = (text: string) => `sink ${name}: ${text}`;
  const ended = consumer.stopped.then(
    () => null,
    (error: unknown) => (final = lineOf(toLine(error))),
  );
  return {
    name,
    lagSeconds: () => consumer.lagSeconds(),
    problems: () => (final === null ? [...new Set(consumer.problems().map(lineOf))] : [final]),
    ended,
    stop: () => consumer.stop(),
  };
}
