import type { KafkaRecord, RecordsBatch } from "@platformatic/kafka";
import type { PartitionOf } from "../../log/ConsumerProgress.ts";
import type { LogMessage } from "../../log/EventLog.ts";
import type { DeliveredBatch } from "../KafkaClient.ts";

/** Flags of a batch: its messages have the time at which the broker stored them; it contains no messages of a producer. */
const LOG_APPEND_TIME = 1 << 3;
const CONTROL = 1 << 5;

interface Fetched {
  readonly highWatermark: bigint;
  readonly records?: readonly RecordsBatch[] | null;
}

/** What a broker has sent of a partition from `offset`; null if that is nothing. */
export function toDelivered(
  { records, highWatermark }: Fetched,
  offset: bigint,
  partition: PartitionOf,
): DeliveredBatch | null {
  const last = records?.at(-1);
  if (last === undefined) return null;
  const nextOffset = last.firstOffset + BigInt(last.lastOffsetDelta) + 1n;
  if (nextOffset <= offset) return null;
  const messages: LogMessage[] = [];
  for (const batch of records!) {
    if ((batch.attributes & CONTROL) !== 0) continue;
    for (const record of batch.records) {
      const message = toMessage(record, batch, partition);
      // A broker sends whole batches, so the first one can begin before the requested offset.
      if (message.offset >= offset) messages.push(message);
    }
  }
  return { firstOffset: offset, nextOffset, endOffset: highWatermark, messages };
}

function toMessage(record: KafkaRecord, batch: RecordsBatch, { topic, partition }: PartitionOf): LogMessage {
  const isStoredTime = (batch.attributes & LOG_APPEND_TIME) !== 0;
  const headers: Record<string, string> = {};
  for (const [name, value] of record.headers) headers[String(name)] = String(value);
  return {
    topic,
    partition,
    offset: batch.firstOffset + BigInt(record.offsetDelta),
    appendedAt: Number(isStoredTime ? batch.maxTimestamp : batch.firstTimestamp + record.timestampDelta),
    key: record.key,
    headers,
    value: record.value,
  };
}
