/** @platformatic/kafka as the Kafka client of this program. It is written in JavaScript, like kafkajs, and maintained. */
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
import { library } from "./library.ts";
import { PlatformaticAdmin } from "./PlatformaticAdmin.ts";
import { PlatformaticMember } from "./PlatformaticMember.ts";
import { PlatformaticProducer } from "./PlatformaticProducer.ts";

export class PlatformaticClient implements KafkaClient {
  readonly #config: KafkaConfig;

  /** This client writes no log lines. */
  constructor(config: KafkaConfig, _logger: Logger) {
    this.#config = config;
  }

  openAdmin(): Promise<ClusterAdmin> {
    return PlatformaticAdmin.open(this.#config);
  }

  openProducer(): Promise<BatchProducer> {
    return PlatformaticProducer.open(this.#config);
  }

  createMember(options: MemberOptions, events: MemberEvents): GroupMember {
    return new PlatformaticMember(this.#config, options, events);
  }

  partitionOf(key: string | Buffer, count: number): number {
    return (library().murmur2(key) & 0x7fffffff) % count;
  }
}
