import type { OutgoingRecord } from "./KafkaClient.ts";

/**
 * Throws if the brokers have not acknowledged a partition of the records. A client can resolve without having sent to partitions whose
 * leader has changed.
 */
export function requireAcknowledged(
  records: ReadonlyMap<string, readonly OutgoingRecord[]>,
  answers: readonly { readonly topic: string; readonly partition: number }[],
): void {
  const acknowledged = new Set(answers.map(({ topic, partition }) => `${topic}/${partition}`));
  for (const [topic, ofTopic] of records) {
    for (const { partition } of ofTopic) {
      if (!acknowledged.has(`${topic}/${partition}`))
        throw new Error(`the brokers did not acknowledge the messages for ${topic} partition ${partition}`);
    }
  }
}
