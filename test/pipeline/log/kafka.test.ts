/** The contract of the log port over a real broker. */
import { createClient } from "../../../src/pipeline/kafka/client.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { logContract } from "./contract.ts";

describe("log over Kafka", () => {
  const services = useServices("kafka");
  let namespace = "";
  const config = () =>
    kafkaConfig({ ...services().env, NAMESPACE: namespace, KAFKA_SESSION_TIMEOUT_MS: "6000", KAFKA_PARTITIONS: "4" })!;

  logContract("Kafka", () => ({
    canOpenTwice: true,
    async reset() {
      namespace = services().namespace();
    },
    async open() {
      return new KafkaLog(config(), silent);
    },
    async forget(topic, partition, before) {
      const admin = createClient(config(), silent).admin();
      await admin.connect();
      await admin.fetchTopicOffsets(namespace + topic);
      await admin.deleteTopicRecords({ topic: namespace + topic, partitions: [{ partition, offset: String(before) }] });
      await admin.disconnect();
    },
  }));
});
