/** What a consumer over Kafka does beyond the contract of the log port. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { chooseClient } from "../../../src/pipeline/kafka/chooseClient.ts";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { createClient } from "../../../src/pipeline/kafka/kafkajs/client.ts";
import { Unrecoverable } from "../../../src/pipeline/log/EventLog.ts";
import { wrapHandler } from "../../../src/pipeline/log/wrapHandler.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { Child } from "../relay/Child.ts";
import { KAFKA_CLIENTS } from "./clients.ts";
import { SharedStore } from "./SharedStore.ts";
import { adminOf, withAdmin } from "./withAdmin.ts";

const message = (value: number) => ({ topic: "logs_move", key: `k${value % 8}`, headers: {}, value: String(value) });
const messages = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => message(from + index));

for (const KAFKA_CLIENT of KAFKA_CLIENTS)
  describe(`consumer over Kafka with ${KAFKA_CLIENT}`, function () {
    this.timeout(240_000);
    const services = useServices("kafka");
    let config: KafkaConfig;
    let log: KafkaLog;

    beforeEach(() => {
      const env = { ...services().env, KAFKA_CLIENT, NAMESPACE: services().namespace() };
      config = kafkaConfig({ ...env, KAFKA_PARTITIONS: "4", KAFKA_SESSION_TIMEOUT_MS: "6000" })!;
      log = new KafkaLog(config, silent);
    });
    afterEach(() => log.close());

    it("writes nothing after a pause during which its partitions were reassigned, and joins the group again", async () => {
      const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-consumer-"));
      const file = path.join(folder, "store");
      const store = new SharedStore(file);
      const child = new Child(path.join(import.meta.dirname, "consumerProcess.ts"), [JSON.stringify(config), file]);
      const until = async (count: number) => {
        while (store.effects().length < count) await setTimeout(50);
      };
      try {
        await log.publish(messages(0, 40));
        await child.line((line) => line === "working");
        await until(40);
        await log.publish(messages(40, 80));
        const linesBefore = child.lines.length;
        await child.line((line) => line === "working" && child.lines.length > linesBefore);
        child.signal("SIGSTOP");
        await log.consume("g", ["logs_move"], store.handler("successor"));
        await until(80);
        await log.publish(messages(80, 120));
        await until(120);
        child.signal("SIGCONT");
        await child.line((line) => line === "fenced");
        await log.publish(messages(120, 160));
        await until(160);
        await setTimeout(1000);
        const effects = store.effects();
        assert.deepEqual(
          effects.map(({ value }) => Number(value)).sort((a, b) => a - b),
          [...Array(160).keys()],
        );
        for (const ofPartition of Map.groupBy(effects, ({ partition }) => partition).values()) {
          const order = ofPartition.map(({ value }) => Number(value));
          assert.deepEqual(
            order,
            order.toSorted((a, b) => a - b),
          );
        }
      } finally {
        await child.kill();
        store.close();
        rmSync(folder, { recursive: true });
      }
    });

    it("delivers the first messages at once if its handler accepts a delay, and ends the delay to stop or to share its partitions", async () => {
      const ledger = new Ledger();
      const handler = () => wrapHandler(storingHandler(ledger), { maxBatchDelayMs: 3_600_000 });
      // Of one partition, because a broker answers as soon as it has stored the messages of one.
      const publish = (from: number, to: number) =>
        log.publish(messages(from, to).map((one) => ({ ...one, key: "k" })));
      const consumer = await log.consume("g", ["logs_move"], handler());
      await publish(0, 8);
      await ledger.until(() => ledger.effects.length === 8);
      await publish(8, 16);
      const other = new KafkaLog(config, silent);
      await other.consume("g", ["logs_move"], handler());
      await ledger.until(() => ledger.effects.length === 16);
      await publish(16, 24);
      await consumer.stop();
      await ledger.until(() => ledger.effects.length === 24);
      await other.close();
      const values = ledger.values().map(Number);
      assert.deepEqual(
        values.toSorted((a, b) => a - b),
        [...Array(24).keys()],
      );
    });

    it("stops if its handler refuses the new id of a topic that was deleted and recreated", async () => {
      const ledger = new Ledger();
      let first: string | null = null;
      const checkTopic = (topicId: string) => {
        first ??= topicId;
        if (topicId !== first) throw new Unrecoverable(`topic ${topicId} is not ${first}`);
      };
      const consumer = await log.consume("g", ["logs_stats"], storingHandler(ledger, { onAssigned: checkTopic }));
      await log.publish([{ ...message(0), topic: "logs_stats" }]);
      await ledger.until(() => ledger.effects.length === 1);
      const name = `${config.namespace}logs_stats`;
      const admin = await chooseClient(config, silent).openAdmin();
      assert.deepEqual([...(await admin.topicIds([name, `${config.namespace}nowhere`]))], [[name, first]]);
      await admin.close();
      await withAdmin(adminOf(services(), config), (admin) => admin.deleteTopics({ topics: [name] }));
      await assert.rejects(consumer.stopped, Unrecoverable);
    });

    it("commits its offsets for lag monitoring", async () => {
      const ledger = new Ledger();
      const consumer = await log.consume("g", ["logs_stats"], storingHandler(ledger));
      await log.publish([{ ...message(0), topic: "logs_stats" }]);
      await ledger.until(() => ledger.effects.length === 1);
      await consumer.stop();
      const admin = createClient(config, silent).admin();
      await admin.connect();
      const [{ partitions }] = await admin.fetchOffsets({ groupId: `${config.namespace}g` });
      await admin.disconnect();
      assert.deepEqual(
        partitions.map(({ offset }) => offset),
        ["1"],
      );
    });

    it("creates its topics with the broker's timestamps and the configured retention and partitions", async () => {
      await log.publish([message(0)]);
      const admin = createClient(config, silent).admin();
      await admin.connect();
      const name = `${config.namespace}logs_move`;
      const configNames = ["message.timestamp.type", "retention.ms"];
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name, configNames }],
      });
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
      await admin.disconnect();
      assert.deepEqual(
        resources[0].configEntries.map(({ configName, configValue }) => [configName, configValue]).sort(),
        [
          ["message.timestamp.type", "LogAppendTime"],
          ["retention.ms", String(168 * 3_600_000)],
        ],
      );
      assert.equal(topics[0].partitions.length, 4);
    });
  });
