/** When the sessions of a consumer keep ending. */
import assert from "node:assert/strict";
import { chooseClient } from "../../../src/pipeline/kafka/chooseClient.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaConsumer } from "../../../src/pipeline/kafka/KafkaConsumer.ts";
import { KnownTopics } from "../../../src/pipeline/kafka/KnownTopics.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";

describe("a consumer over Kafka whose sessions end soon after they joined", () => {
  it("waits longer before each new session, because joining is not yet a success", async () => {
    const config = kafkaConfig({ KAFKA_BROKERS: "localhost:1" })!;
    const pauses: number[] = [];
    const ended = Promise.withResolvers<void>();
    const logger = {
      ...silent,
      warn(fields: { retryInMs?: number }) {
        if (pauses.push(fields.retryInMs ?? 0) === 4) ended.resolve();
      },
    };
    const problems: (string | null)[] = [];
    const kafka = chooseClient(config, silent);
    const consumer: KafkaConsumer = new KafkaConsumer(
      {
        ...{ config, logger, kafka, knownTopics: new KnownTopics({ config, kafka, logger, breaks: null }) },
        ...{ group: "g", topics: ["logs_stats"] },
        handler: storingHandler(new Ledger()),
      },
      ({ onJoined }) => ({
        async run() {
          // The first session begins in the constructor.
          await Promise.resolve();
          problems.push(consumer.problem());
          onJoined([{ topic: "logs_stats", partition: 0 }]);
          problems.push(consumer.problem());
          throw new Error("not authorized to fetch");
        },
        stop() {},
        fail() {},
        restartAll() {},
      }),
    );
    await ended.promise;
    await consumer.stop();
    assert.deepEqual(pauses, [250, 500, 1000, 2000]);
    const [reason] = problems.slice(2);
    assert.match(reason ?? "", /not authorized to fetch/);
    assert.deepEqual(problems, [null, null, ...Array(6).fill(reason)]);
  });
});
