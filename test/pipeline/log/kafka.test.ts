/** The contract of the log port over a real broker, with each Kafka client. */
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { KAFKA_CLIENTS } from "../kafka/clients.ts";
import { adminOf, withAdmin } from "../kafka/withAdmin.ts";
import { logContract } from "./contract.ts";

describe("log over Kafka", () => {
  const services = useServices("kafka");
  let namespace = "";

  for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
    const settings = { KAFKA_CLIENT, KAFKA_SESSION_TIMEOUT_MS: "6000", KAFKA_PARTITIONS: "4" };
    const config = () => kafkaConfig({ ...services().env, ...settings, NAMESPACE: namespace })!;

    logContract(`Kafka with ${KAFKA_CLIENT}`, () => ({
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
  }
});
