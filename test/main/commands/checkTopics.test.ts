/** What `npm run migrate` reports about the topics. */
import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { checkTopics } from "../../../src/main/commands/checkTopics.ts";
import { logTopics } from "../../../src/main/logTopics.ts";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { adminOf, createTopic, withAdmin } from "../../pipeline/kafka/withAdmin.ts";
import { useServices } from "../../tools/services/useServices.ts";

describe("the check of all topics by a command", function () {
  this.timeout(240_000);
  const services = useServices("kafka");
  const topics = logTopics(new EventCatalogue([arena]));
  const config = () => kafkaConfig({ ...services().env, NAMESPACE: services().namespace(), KAFKA_PARTITIONS: "4" })!;
  const operator = (kafka: KafkaConfig) => adminOf(services(), kafka);

  it("creates those that are missing", async () => {
    const kafka = config();
    assert.deepEqual(await checkTopics(kafka, topics), { lines: [], isAnyHeld: false });
    const names = await withAdmin(kafka, (admin) => admin.listTopics());
    for (const topic of topics) assert(names.includes(kafka.namespace + topic));
  });

  it("reports each setting that is wrong, and whether messages would be lost", async () => {
    const kafka = config();
    const right = { "message.timestamp.type": "LogAppendTime", "max.message.bytes": "8388608" };
    await createTopic(operator(kafka), "logs_heal", 2, { ...right, "retention.ms": "1000" });
    const warned = await checkTopics(kafka, topics);
    assert.equal(warned.isAnyHeld, false);
    assert.match(
      warned.lines.join("\n"),
      /^topic \S+logs_heal has retention\.ms=1000, expected at least 604800000 .*$/,
    );
    await createTopic({ ...operator(kafka), namespace: `${kafka.namespace}x` }, "logs_heal", 2, {
      ...right,
      "cleanup.policy": "compact",
    });
    const held = await checkTopics({ ...kafka, namespace: `${kafka.namespace}x` }, topics);
    assert.equal(held.isAnyHeld, true);
    assert.match(held.lines.join("\n"), /^topic \S+logs_heal has cleanup\.policy=compact, expected delete: .*$/);
  });

  it("says in one line that the brokers are unavailable", async () => {
    const nowhere = kafkaConfig({ KAFKA_BROKERS: "127.0.0.1:1" })!;
    await assert.rejects(checkTopics(nowhere, topics), /^Error: KAFKA_BROKERS: no broker answers at 127\.0\.0\.1:1: /);
  });
});
