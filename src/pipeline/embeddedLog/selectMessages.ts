import type { FeedBatch } from "../events/OutboxFeed.ts";
import type { LogMessage } from "../log/EventLog.ts";

/** The only partition of each topic. */
export const PARTITION = 0;

/**
 * Returns the messages that are not yet applied, by topic.
 * @param nextOf returns the offset of the topic's next message to apply; undefined for a topic that is not read now.
 */
export function selectMessages(
  { records, messages }: Pick<FeedBatch, "records" | "messages">,
  nextOf: (topic: string) => bigint | undefined,
): Map<string, LogMessage[]> {
  const selected = new Map<string, LogMessage[]>();
  for (let index = 0; index < records.length; index++) {
    const { number, appendedAt } = records[index];
    const offset = BigInt(number);
    for (const { topic, key, headers, value } of messages[index]) {
      const next = nextOf(topic);
      if (next === undefined || offset < next) continue;
      const message: LogMessage = {
        ...{ topic, partition: PARTITION, offset, appendedAt, headers },
        ...{ key: bytesOf(key), value: bytesOf(value) },
      };
      const ofTopic = selected.get(topic);
      if (ofTopic === undefined) selected.set(topic, [message]);
      else ofTopic.push(message);
    }
  }
  return selected;
}

function bytesOf(value: string | Buffer | null): Buffer | null {
  return typeof value === "string" ? Buffer.from(value) : value;
}
