/** Reads a log once, up to the end that the log has when reading begins. */
import { setTimeout as delay } from "node:timers/promises";
import type { BatchHandler, EventLog, LogBatch } from "./EventLog.ts";
import { wrapHandler } from "./wrapHandler.ts";

/**
 * A partition without any batch counts as read after this many calls of `onIdle`, about a second apart, in which no partition was
 * assigned or delivered its first batch.
 */
const QUIET_IDLES = 3;
/** If a problem lasts for this long, and no call succeeds meanwhile, the command ends. */
const PATIENCE_MS = 60_000;

interface ReadOptions {
  readonly patienceMs?: number;
  /** Ends the reading early. */
  readonly signal?: AbortSignal;
}

/**
 * Resolves when the handler has applied all messages, or soon after the signal was aborted. Rejects if the consumer stops with an error,
 * or if a problem keeps it from any progress for `patienceMs`.
 */
export async function readToEnd(
  log: Pick<EventLog, "consume" | "problem">,
  group: string,
  topics: readonly string[],
  handler: BatchHandler,
  { patienceMs = PATIENCE_MS, signal }: ReadOptions = {},
): Promise<void> {
  if (signal?.aborted) return;
  /** End offset of each assigned partition; null before its first batch. */
  const ends = new Map<string, bigint | null>();
  const waiting = new Set<string>();
  const done = Promise.withResolvers<void>();
  const stopping = new AbortController();
  let quiet = 0;
  let workedAt = performance.now();
  const nameOf = ({ topic, partition }: Pick<LogBatch, "topic" | "partition">) => `${topic} ${partition}`;
  const watched = wrapHandler(handler, {
    async onAssigned(topic, partition, topicId) {
      const offset = await handler.onAssigned(topic, partition, topicId);
      quiet = 0;
      workedAt = performance.now();
      ends.set(nameOf({ topic, partition }), null);
      waiting.add(nameOf({ topic, partition }));
      return offset;
    },
    async apply(batch) {
      await handler.apply(batch);
      workedAt = performance.now();
      const known = ends.get(nameOf(batch)) ?? null;
      // Later batches do not count: a running program may add messages without a pause.
      if (known === null) quiet = 0;
      const end = known ?? batch.endOffset;
      ends.set(nameOf(batch), end);
      if (batch.nextOffset >= end) waiting.delete(nameOf(batch));
    },
    async onRevoked(topic, partition) {
      ends.delete(nameOf({ topic, partition }));
      waiting.delete(nameOf({ topic, partition }));
      await handler.onRevoked(topic, partition);
    },
    async onIdle() {
      await handler.onIdle?.();
      quiet++;
      const allQuiet = [...waiting].every((name) => ends.get(name) === null) && quiet >= QUIET_IDLES;
      if (ends.size > 0 && quiet > 1 && (waiting.size === 0 || (allQuiet && consumer.isCaughtUp()))) done.resolve();
    },
  });
  const consumer = await log.consume(group, topics, watched);
  const end = () => done.resolve();
  signal?.addEventListener("abort", end);
  // It may have been aborted before the listener was added.
  if (signal?.aborted) end();
  const giveUp = async (): Promise<void> => {
    for (;;) {
      await delay(patienceMs / 60, undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      const problem = log.problem() ?? consumer.problems()[0];
      if (problem === undefined) workedAt = performance.now();
      else if (performance.now() - workedAt >= patienceMs)
        throw new Error(`${problem} (gave up after ${patienceMs / 1000} s without progress)`);
    }
  };
  try {
    await Promise.race([done.promise, consumer.stopped, giveUp()]);
  } finally {
    stopping.abort();
    signal?.removeEventListener("abort", end);
    await consumer.stop();
  }
}
