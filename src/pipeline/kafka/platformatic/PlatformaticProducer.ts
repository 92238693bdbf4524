import type { MessageToProduce, Producer } from "@platformatic/kafka";
import type { KafkaConfig } from "../config.ts";
import type { BatchProducer, OutgoingRecord } from "../KafkaClient.ts";
import { requireAcknowledged } from "../requireAcknowledged.ts";
import { clientOptions, watchErrors } from "./clientOptions.ts";
import { library } from "./library.ts";
import { withKafkaErrors } from "./toKafkaError.ts";

const ALL_REPLICAS = -1;

export class PlatformaticProducer implements BatchProducer {
  readonly #producer: Producer;
  /** The names of headers as the library sends them. There are few names. */
  readonly #headerNames = new Map<string, Buffer>();

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async open(config: KafkaConfig): Promise<PlatformaticProducer> {
    const { Producer } = library();
    const producer = new Producer({ ...clientOptions(config), idempotent: true, compression: config.compression });
    const lastError = watchErrors(producer.connections);
    try {
      await withKafkaErrors(producer.initIdempotentProducer({}), lastError);
    } catch (error) {
      await producer.close().catch(() => {});
      throw error;
    }
    return new PlatformaticProducer(producer);
  }

  async send(records: ReadonlyMap<string, readonly OutgoingRecord[]>): Promise<void> {
    await this.#checkPartitions(records);
    const messages = [...records].flatMap(([topic, ofTopic]) => ofTopic.map((record) => this.#encode(topic, record)));
    const { offsets } = await withKafkaErrors(this.#producer.send({ messages, acks: ALL_REPLICAS }));
    requireAcknowledged(records, offsets ?? []);
  }

  close(): Promise<void> {
    return this.#producer.close();
  }

  /** The library would send messages of a partition that it does not know to another one. */
  async #checkPartitions(records: ReadonlyMap<string, readonly OutgoingRecord[]>): Promise<void> {
    const { topics } = await withKafkaErrors(this.#producer.metadata({ topics: [...records.keys()] }));
    for (const [topic, ofTopic] of records) {
      const count = topics.get(topic)?.partitionsCount ?? 0;
      const unknown = ofTopic.find(({ partition }) => partition >= count);
      if (unknown !== undefined) throw new Error(`the brokers do not know ${topic} partition ${unknown.partition} yet`);
    }
  }

  #encode(topic: string, { partition, key, headers, value }: OutgoingRecord): MessageToProduce & { partition: number } {
    const encoded = new Map<Buffer, Buffer>();
    for (const name in headers) encoded.set(this.#headerName(name), Buffer.from(headers[name]));
    return { topic, partition, key: toBytes(key), value: toBytes(value), headers: encoded };
  }

  #headerName(name: string): Buffer {
    let bytes = this.#headerNames.get(name);
    if (bytes === undefined) this.#headerNames.set(name, (bytes = Buffer.from(name)));
    return bytes;
  }
}

/** A record without a key or value has null there, which the library writes for `undefined`. */
function toBytes(text: string | Buffer | null): Buffer | undefined {
  return typeof text === "string" ? Buffer.from(text) : (text ?? undefined);
}
