/** kafkajs as the Kafka client of this program. */
import kafkajs, { type Kafka, type Message } from "kafkajs";
import type { Logger } from "../../../platform/logging/Logger.ts";
import type { KafkaConfig } from "../config.ts";
import type {
  BatchProducer,
  ClusterAdmin,
  GroupMember,
  KafkaClient,
  MemberEvents,
  MemberOptions,
} from "../KafkaClient.ts";
import { createClient } from "./client.ts";
import { KafkajsAdmin } from "./KafkajsAdmin.ts";
import { KafkajsMember } from "./KafkajsMember.ts";
import { KafkajsProducer } from "./KafkajsProducer.ts";

export class KafkajsClient implements KafkaClient {
  readonly #config: KafkaConfig;
  readonly #kafka: Kafka;
  readonly #partitioner = kafkajs.Partitioners.DefaultPartitioner();

  constructor(config: KafkaConfig, logger: Logger) {
    this.#config = config;
    this.#kafka = createClient(config, logger);
  }

  openAdmin(): Promise<ClusterAdmin> {
    return KafkajsAdmin.open(this.#kafka);
  }

  openProducer(): Promise<BatchProducer> {
    return KafkajsProducer.open(this.#kafka, this.#config.compression);
  }

  createMember(options: MemberOptions, events: MemberEvents): GroupMember {
    return new KafkajsMember(this.#kafka, this.#config, options, events);
  }

  partitionOf(key: string | Buffer, count: number): number {
    const partitionMetadata = Array.from({ length: count }, (_, partitionId) => ({ partitionId }));
    const message: Message = { key, value: null };
    return this.#partitioner({ topic: "", partitionMetadata: partitionMetadata as never, message });
  }
}
