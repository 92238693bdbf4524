/** What each Kafka client says of a cluster, its topics and its groups. */
import assert from "node:assert/strict";
import { chooseClient } from "../../../src/pipeline/kafka/chooseClient.ts";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import type { ClusterAdmin } from "../../../src/pipeline/kafka/KafkaClient.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { declaredSettings } from "../../../src/pipeline/kafka/topicSettings.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { KAFKA_CLIENTS } from "./clients.ts";

for (const KAFKA_CLIENT of KAFKA_CLIENTS)
  describe(`administration of Kafka with ${KAFKA_CLIENT}`, function () {
    this.timeout(240_000);
    const services = useServices("kafka");
    let config: KafkaConfig;
    let admin: ClusterAdmin;
    let name: string;

    beforeEach(async () => {
      const NAMESPACE = services().namespace();
      config = kafkaConfig({ ...services().env, KAFKA_CLIENT, NAMESPACE, KAFKA_SESSION_TIMEOUT_MS: "6000" })!;
      name = `${NAMESPACE}logs_stats`;
      admin = await chooseClient(config, silent).openAdmin();
    });
    afterEach(() => admin.close());

    const declared = (partitions: number, replicas = 1) => {
      return { name, partitions, replicas, settings: declaredSettings(config) };
    };

    it("creates a topic with its settings, once", async () => {
      assert.equal(await admin.createTopics([declared(3)]), null);
      assert.equal(await admin.createTopics([declared(5)]), null);
      assert.deepEqual(await admin.describeTopics([name]), [{ name, partitions: 3, replicas: 1 }]);
      assert((await admin.listTopics()).includes(name));
      const settings = (await admin.readSettings([name], Object.keys(declaredSettings(config)))).get(name)!;
      assert.deepEqual(Object.fromEntries(settings), declaredSettings(config));
    });

    it("returns the reason of brokers that refuse to create a topic", async () => {
      assert.match((await admin.createTopics([declared(1, 7)])) ?? "", /^INVALID_REPLICATION_FACTOR$/);
      assert(!(await admin.listTopics()).includes(name));
    });

    it("knows the ids of those topics that exist", async () => {
      await admin.createTopics([declared(1)]);
      const ids = await admin.topicIds([name, `${config.namespace}nowhere`]);
      assert.deepEqual([...ids.keys()], [name]);
      assert.deepEqual(await admin.topicIds([`${config.namespace}nowhere`]), new Map());
    });

    it("knows which offsets a topic has, and whether a message is recent", async () => {
      const before = Date.now() - 60_000;
      await admin.createTopics([declared(1)]);
      assert.deepEqual([...(await admin.offsetsOf(name))], [[0, { earliest: 0n, end: 0n }]]);
      assert.equal(await admin.hasMessageSince(name, before), false);
      const log = new KafkaLog(config, silent);
      await log.publish(["1", "2"].map((value) => ({ topic: "logs_stats", key: "k", headers: {}, value })));
      await log.close();
      assert.deepEqual([...(await admin.offsetsOf(name))], [[0, { earliest: 0n, end: 2n }]]);
      assert.equal(await admin.hasMessageSince(name, before), true);
      assert.equal(await admin.hasMessageSince(name, Date.now() + 600_000), false);
    });

    it("knows whether a group has a member", async () => {
      const group = `${config.namespace}g`;
      assert.equal(await admin.hasMembers([group, `${group}-of-nobody`]), false);
      const log = new KafkaLog(config, silent);
      const ledger = new Ledger();
      await log.consume("g", ["logs_stats"], storingHandler(ledger));
      await ledger.until(() => ledger.calls.length > 0);
      assert.equal(await admin.hasMembers([`${group}-of-nobody`, group]), true);
      await log.close();
      assert.equal(await admin.hasMembers([group]), false);
    });

    it("describes the cluster", async () => {
      const { clusterId, brokers } = await admin.describeCluster();
      assert.match(clusterId, /^[\w-]{22}$/);
      assert.equal(brokers, 1);
    });
  });
