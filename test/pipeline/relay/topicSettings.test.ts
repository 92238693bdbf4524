/** The relay and topics that an operator has created or changed. */
import assert from "node:assert/strict";
import { type KafkaConfig, kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import type { RunningRelay } from "../../../src/pipeline/relay/runRelay.ts";
import type { Condition } from "../../../src/platform/health/Health.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { KAFKA_CLIENTS } from "../kafka/clients.ts";
import { adminOf, alterTopic, createTopic } from "../kafka/withAdmin.ts";
import { RelayBench, until } from "./RelayBench.ts";

const MEBIBYTES_8 = String(8 * 2 ** 20);
const RIGHT = { "message.timestamp.type": "LogAppendTime", "max.message.bytes": MEBIBYTES_8 };

for (const KAFKA_CLIENT of KAFKA_CLIENTS)
  describe(`relay with ${KAFKA_CLIENT} to topics with other settings`, function () {
    this.timeout(600_000);
    const services = useServices("kafka");
    let bench: RelayBench;

    const config = (env: Record<string, string> = {}) =>
      kafkaConfig({
        ...services().env,
        KAFKA_CLIENT,
        NAMESPACE: services().namespace(),
        KAFKA_PARTITIONS: "4",
        ...env,
      })!;
    const operator = (kafka: KafkaConfig) => adminOf(services(), kafka);
    afterEach(() => bench?.close());

    async function reported(relay: RunningRelay, line: RegExp): Promise<Condition> {
      const find = () => relay.stats().conditions.find((condition) => line.test(condition.line));
      await until(() => find() !== undefined);
      return find()!;
    }

    it("sends nothing to a compacted topic until it is corrected, and all other topics meanwhile", async () => {
      const kafka = config();
      await createTopic(operator(kafka), "logs_move", 4, { ...RIGHT, "cleanup.policy": "compact" });
      bench = await RelayBench.open(kafka);
      const relay = bench.start();
      const matchIds = await bench.play("squad", 2, 100);
      await bench.untilEndedRead(matchIds);
      await until(() => relay.stats().heldSeconds.logs_move > 0);
      const { line, breaks } = await reported(relay, /cleanup\.policy=compact/);
      assert.equal(breaks, "relay");
      assert.match(line, new RegExp(`^topic ${kafka.namespace}logs_move has cleanup.policy=compact, expected delete`));
      assert.match(line, /kafka-configs\.sh --bootstrap-server .* --add-config cleanup\.policy=delete$/);
      assert.deepEqual(bench.messagesOf("logs_move"), []);
      assert(relay.stats().oldestSeconds > 0);

      await alterTopic(operator(kafka), "logs_move", { ...RIGHT, "cleanup.policy": "delete" });
      await bench.reader.untilEnded(matchIds);
      assert.equal(bench.reader.check().repeats, 0);
      await until(() => relay.stats().conditions.length === 0 && relay.stats().oldestSeconds === 0);
      assert.deepEqual(relay.stats().heldSeconds, {});
    });

    it("names the topic, the setting and the size of a message that is too large, and sends all others", async () => {
      const kafka = config({ KAFKA_COMPRESSION: "none" });
      await createTopic(operator(kafka), "logs_input", 4, { ...RIGHT, "max.message.bytes": "1500" });
      bench = await RelayBench.open(kafka);
      const relay = bench.start();
      const matchIds = await bench.play("duel", 2, 100);
      await bench.untilEndedRead(matchIds);
      const { line, breaks } = await reported(relay, /does not accept a message/);
      assert.equal(breaks, "relay");
      const named = line.match(
        /^topic (\S+) does not accept a message of (\d+) bytes with key (\S+), because its (.+); its/,
      );
      assert.deepEqual(named?.[1], `${kafka.namespace}logs_input`);
      assert(Number(named[2]) > 1500);
      assert(matchIds.includes(named[3]));
      assert.equal(named[4], "max.message.bytes is 1500");
      await reported(relay, /logs_input has max\.message\.bytes=1500, expected at least 8388608/);
      await until(() => relay.stats().refusals.logs_input > 1);
      assert(bench.messagesOf("logs_move").length > 0);

      // Large enough for each message, but not for the batch of all.
      await alterTopic(operator(kafka), "logs_input", { ...RIGHT, "max.message.bytes": "30000" });
      await bench.reader.untilEnded(matchIds);
      bench.reader.check();
      await until(() => Object.keys(relay.stats().heldSeconds).length === 0);
    });

    it("warns of settings that may lose messages, and holds a topic that no broker can accept messages for", async () => {
      const kafka = config();
      const hour = { "message.timestamp.type": "CreateTime", "retention.ms": "3600000", "retention.bytes": "1000000" };
      await createTopic(operator(kafka), "logs_match", 1, { ...RIGHT, ...hour });
      await createTopic(operator(kafka), "logs_move", 4, { ...RIGHT, "min.insync.replicas": "2" });
      bench = await RelayBench.open(kafka);
      const relay = bench.start();
      const matchIds = await bench.play("duel", 1, 50);
      await bench.untilEndedRead(matchIds);
      const name = `topic ${kafka.namespace}logs_match has`;
      for (const [start, end] of [
        [`${name} message.timestamp.type=CreateTime, expected LogAppendTime`, "message.timestamp.type=LogAppendTime"],
        [`${name} retention.ms=3600000, expected at least 604800000`, "retention.ms=604800000"],
        [`${name} retention.bytes=1000000, expected -1`, "retention.bytes=-1"],
        [`${name} 1 partitions, expected 2`, `--alter --topic ${kafka.namespace}logs_match --partitions 2`],
      ]) {
        const { line, breaks } = await reported(relay, new RegExp(start.replaceAll(".", "\\.")));
        assert(line.endsWith(end), line);
        assert.equal(breaks, null);
      }
      const { breaks } = await reported(
        relay,
        /logs_move has min\.insync\.replicas=2, but a partition has only 1 replicas/,
      );
      assert.equal(breaks, "relay");
      assert.deepEqual(relay.stats().refusals, {}, "it sends nothing that cannot be accepted");

      await alterTopic(operator(kafka), "logs_move", { ...RIGHT, "min.insync.replicas": "1" });
      await bench.reader.untilEnded(matchIds);
      assert.equal(bench.reader.check().repeats, 0);
    });
  });
