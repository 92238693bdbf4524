/** For commands that run once: reads a log up to the end that the log has when reading begins. */
import type { BatchHandler, EventLog, LogBatch } from "./EventLog.ts";

/** A partition without any batch counts as read after this many calls of `onIdle`, about a second apart. */
const QUIET_IDLES = 3;

/** Resolves when the handler has applied all messages. Rejects if the consumer stops with an error. */
export async function readToEnd(
  log: EventLog,
  group: string,
  topics: readonly string[],
  handler: BatchHandler,
): Promise<void> {
  /** End offset of each assigned partition; null before its first batch. */
  const ends = new Map<string, bigint | null>();
  const waiting = new Set<string>();
  const done = Promise.withResolvers<void>();
  let quiet = 0;
  const nameOf = ({ topic, partition }: Pick<LogBatch, "topic" | "partition">) => `${topic} ${partition}`;
  const watched: BatchHandler = {
    async onAssigned(topic, partition, topicId) {
      const offset = await handler.onAssigned(topic, partition, topicId);
      quiet = 0;
      ends.set(nameOf({ topic, partition }), null);
      waiting.add(nameOf({ topic, partition }));
      return offset;
    },
    async apply(batch) {
      await handler.apply(batch);
      quiet = 0;
      const end = ends.get(nameOf(batch)) ?? batch.endOffset;
      ends.set(nameOf(batch), end);
      if (batch.nextOffset >= end) waiting.delete(nameOf(batch));
    },
    onSkipped: (topic, partition, from, to) => handler.onSkipped(topic, partition, from, to),
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
    ...(handler.storedOffset !== undefined && { storedOffset: handler.storedOffset.bind(handler) }),
  };
  const consumer = await log.consume(group, topics, watched);
  try {
    await Promise.race([done.promise, consumer.stopped]);
  } finally {
    await consumer.stop();
  }
}
