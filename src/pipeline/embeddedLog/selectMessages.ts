import type { FeedBatch } from "../events/OutboxFeed.ts";
import type { ReadMessage } from "../events/TickMessages.ts";
import type { LogMessage } from "../log/EventLog.ts";
import type { EventRows } from "../log/MessageEvents.ts";

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
    for (const read of messages[index]) {
      const next = nextOf(read.topic);
      if (next === undefined || offset < next) continue;
      const message = new SelectedMessage(read, offset, appendedAt);
      const ofTopic = selected.get(read.topic);
      if (ofTopic === undefined) selected.set(read.topic, [message]);
      else ofTopic.push(message);
    }
  }
  return selected;
}

class SelectedMessage implements LogMessage {
  readonly topic: string;
  readonly partition = PARTITION;
  readonly offset: bigint;
  readonly appendedAt: number;
  readonly key: Buffer | null;
  readonly headers: LogMessage["headers"];
  readonly rows?: EventRows;
  readonly #read: ReadMessage;

  constructor(read: ReadMessage, offset: bigint, appendedAt: number) {
    this.topic = read.topic;
    this.offset = offset;
    this.appendedAt = appendedAt;
    this.key = bytesOf(read.key);
    this.headers = read.headers;
    this.rows = read.rows;
    this.#read = read;
  }

  get value(): Buffer | null {
    return bytesOf(this.#read.value);
  }
}

function bytesOf(value: string | Buffer | null): Buffer | null {
  return typeof value === "string" ? Buffer.from(value) : value;
}
