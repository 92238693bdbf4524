/**
 * A log in memory that calls a `BatchHandler` as the port prescribes. It keeps all messages, so a handler may start at any
 * offset.
 */
import type { BatchHandler, LogBatch, LogMessage, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";

export interface Partition {
  readonly topic: string;
  readonly partition: number;
  readonly messages: LogMessage[];
}

export class Feed {
  readonly partitions: Partition[] = [];
  readonly topicId: string;

  constructor(topicId = "topic-1") {
    this.topicId = topicId;
  }

  add(partition: number, message: OutgoingMessage, appendedAt = 0): void {
    const { messages } = this.partition(message.topic, partition);
    const bytes = (part: string | Buffer | null) => (typeof part === "string" ? Buffer.from(part) : part);
    const { topic, headers } = message;
    const key = bytes(message.key);
    const value = bytes(message.value);
    messages.push({ topic, partition, offset: BigInt(messages.length), appendedAt, key, headers, value });
  }

  partition(topic: string, partition: number): Partition {
    let found = this.partitions.find((one) => one.topic === topic && one.partition === partition);
    if (found === undefined) this.partitions.push((found = { topic, partition, messages: [] }));
    return found;
  }

  batch({ topic, partition, messages }: Partition, from: number, to: number): LogBatch {
    return {
      topic,
      partition,
      topicId: this.topicId,
      firstOffset: BigInt(from),
      nextOffset: BigInt(to),
      endOffset: BigInt(messages.length),
      messages: messages.slice(from, to),
    };
  }

  /** Delivers one partition from the handler's stored offset to its end, in batches of `size()` messages. */
  async deliver(handler: BatchHandler, one: Partition, size: () => number = () => 100): Promise<void> {
    const { topic, partition, messages } = one;
    const stored = await handler.onAssigned(topic, partition, this.topicId);
    for (let from = Number(stored ?? 0n); from < messages.length; ) {
      const to = Math.min(messages.length, from + Math.max(1, size()));
      await handler.apply(this.batch(one, from, to));
      from = to;
    }
    await handler.onRevoked(topic, partition);
  }

  async deliverAll(handler: BatchHandler, size?: () => number): Promise<void> {
    for (const one of this.partitions) await this.deliver(handler, one, size);
  }
}
