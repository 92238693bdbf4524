import type { Kafka, Message, Producer } from "kafkajs";
import type { CompressionName } from "../config.ts";
import type { BatchProducer, OutgoingRecord } from "../KafkaClient.ts";
import { requireAcknowledged } from "../requireAcknowledged.ts";
import { compressionTypes } from "./client.ts";

/** The partition is chosen once, before the first attempt: brokers recognise a repeat only if it is the same batch. */
const usePartitionOfMessage = () => (args: { message: Message }) => (args.message as OutgoingRecord).partition;

/**
 * One batch is outstanding at a time, because kafkajs gives the sequence numbers of a failed batch to the next one. With two
 * outstanding, a batch whose acknowledgement was lost would make the brokers drop its successor as a repeat.
 */
export class KafkajsProducer implements BatchProducer {
  readonly #producer: Producer;
  readonly #compression: CompressionName;

  private constructor(producer: Producer, compression: CompressionName) {
    this.#producer = producer;
    this.#compression = compression;
  }

  static async open(kafka: Kafka, compression: CompressionName): Promise<KafkajsProducer> {
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: usePartitionOfMessage,
    });
    try {
      await producer.connect();
    } catch (error) {
      await producer.disconnect().catch(() => {});
      throw error;
    }
    return new KafkajsProducer(producer, compression);
  }

  async send(records: ReadonlyMap<string, readonly OutgoingRecord[]>): Promise<void> {
    const responses = await this.#producer.sendBatch({
      acks: -1,
      compression: compressionTypes[this.#compression],
      topicMessages: [...records].map(([topic, messages]) => ({ topic, messages: messages as Message[] })),
    });
    const answers = responses.map(({ topicName: topic, partition }) => ({ topic, partition }));
    requireAcknowledged(records, answers);
  }

  close(): Promise<void> {
    return this.#producer.disconnect();
  }
}
