import type { Logger } from "../../platform/logging/Logger.ts";
import type { ClientName, KafkaConfig } from "./config.ts";
import type { KafkaClient } from "./KafkaClient.ts";
import { KafkajsClient } from "./kafkajs/KafkajsClient.ts";
import { PlatformaticClient } from "./platformatic/PlatformaticClient.ts";

const clients: Readonly<Record<ClientName, new (config: KafkaConfig, logger: Logger) => KafkaClient>> = {
  kafkajs: KafkajsClient,
  platformatic: PlatformaticClient,
};

/** The client that `KAFKA_CLIENT` names, for the configured cluster. It does not connect yet. */
export function chooseClient(config: KafkaConfig, logger: Logger): KafkaClient {
  return new clients[config.client](config, logger);
}
