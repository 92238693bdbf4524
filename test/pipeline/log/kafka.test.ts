/** The contract of the log port over a real broker. */
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { adminOf, withAdmin } from "../kafka/withAdmin.ts";
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
      await withAdmin(adminOf(services(), config()), async (admin) => {
        await admin.fetchTopicOffsets(namespace + topic);
        const partitions = [{ partition, offset: String(before) }];
        await admin.deleteTopicRecords({ topic: namespace + topic, partitions });
      });
    },
  }));
});
