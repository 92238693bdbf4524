/** Runs one sink: joins its consumer group, and reports its lag and why it makes no progress. */
import { waitMs } from "../../platform/async/waiting.ts";
import { type BatchHandler, type Consumer, type EventLog, Unrecoverable } from "../log/EventLog.ts";
import { toLine } from "../log/toLine.ts";
import { wrapHandler } from "../log/wrapHandler.ts";
import type { RejectReason } from "./decodeMessage.ts";

export interface Sink {
  /** Also the name of its consumer group. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly handler: BatchHandler;
}

/** Where sinks count; `src/main` binds it to metrics. */
export interface SinkMetrics {
  rejected(sink: string, reason: RejectReason): void;
  /** A file could not be stored. It is tried again. */
  putFailed(sink: string): void;
  /** Data of this many days was deleted by the retention of this name. */
  deleted(retention: string, days: number): void;
}

export interface RunningSink {
  readonly name: string;
  /** Age in seconds of the oldest message that the sink has not yet stored. */
  lagSeconds(): number;
  /** Why the sink makes no progress, one line each. A failure stands until the same operation succeeds. */
  problems(): string[];
  stop(): Promise<void>;
}

/** Constant, because a sink stops only for reasons that an operator must remove. */
const RESTART_MS = 30_000;
const NOT_JOINED = "has not joined its consumer group yet";

/**
 * Rejects if the group cannot be joined. The log retries a batch that fails. A sink that cannot continue (`Unrecoverable`) joins
 * the group again after `restartMs`, because the reason may have been removed. It reports the reason until the failed call
 * succeeds.
 */
export async function runSink(
  log: EventLog,
  { name, topics, handler }: Sink,
  restartMs = RESTART_MS,
): Promise<RunningSink> {
  const stopping = new AbortController();
  const fatal = new FatalCalls(handler);
  const join = () => log.consume(name, topics, fatal.watched);
  let consumer: Consumer = await join();
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        return await consumer.stopped;
      } catch {
        await waitMs(restartMs, stopping.signal);
        if (!stopping.signal.aborted) consumer = await join();
      }
    }
  };
  const ended = run();
  return {
    name,
    lagSeconds: () => consumer.lagSeconds(),
    problems() {
      const lines = consumer.hasJoined() ? consumer.problems() : [NOT_JOINED];
      return [...new Set([...fatal.lines(), ...lines].map((text) => `sink ${name}: ${text}`))];
    },
    async stop() {
      stopping.abort();
      await consumer.stop();
      await ended;
    },
  };
}

/** Remembers which calls of a handler threw `Unrecoverable`, until the same call for the same partition succeeds. */
class FatalCalls {
  readonly watched: BatchHandler;
  readonly #lines = new Map<string, string>();

  constructor(handler: BatchHandler) {
    const { onIdle } = handler;
    this.watched = wrapHandler(handler, {
      onAssigned: (topic, partition, topicId) =>
        this.#watch(`assigned ${topic}/${partition}`, () => handler.onAssigned(topic, partition, topicId)),
      apply: (batch) => this.#watch(`apply ${batch.topic}/${batch.partition}`, () => handler.apply(batch)),
      onIdle: onIdle && (() => this.#watch("idle", () => onIdle.call(handler))),
    });
  }

  /** One line each. */
  lines(): string[] {
    return [...this.#lines.values()];
  }

  async #watch<T>(call: string, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      this.#lines.delete(call);
      return result;
    } catch (error) {
      if (error instanceof Unrecoverable) this.#lines.set(call, toLine(error));
      throw error;
    }
  }
}
