/** Processes with different Kafka clients, as while `KAFKA_CLIENT` is changed in one process after another. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseClient } from "../../../src/pipeline/kafka/chooseClient.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import type { Consumer } from "../../../src/pipeline/log/EventLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { KAFKA_CLIENTS } from "./clients.ts";
import { adminOf, withAdmin } from "./withAdmin.ts";

const TOPIC = "logs_move";
const [KAFKAJS, PLATFORMATIC] = KAFKA_CLIENTS;

describe("processes with different Kafka clients", function () {
  this.timeout(240_000);
  const services = useServices("kafka");
  const logs: KafkaLog[] = [];
  let namespace = "";
  beforeEach(() => {
    namespace = services().namespace();
  });
  afterEach(async () => {
    for (const log of logs.splice(0)) await log.close();
  });

  const configOf = (KAFKA_CLIENT: string) => {
    const settings = { KAFKA_CLIENT, KAFKA_PARTITIONS: "4", KAFKA_SESSION_TIMEOUT_MS: "6000", NAMESPACE: namespace };
    return kafkaConfig({ ...services().env, ...settings })!;
  };
  const open = (name: string) => {
    const log = new KafkaLog(configOf(name), silent);
    logs.push(log);
    return log;
  };
  const messages = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, index) => {
      const value = String(from + index);
      return { topic: TOPIC, key: `key ${index % 16}`, headers: { id: value }, value };
    });

  it("choose the same partition for a key", () => {
    const [one, other] = KAFKA_CLIENTS.map((name) => chooseClient(configOf(name), silent));
    const key = fc.oneof(fc.uuid(), fc.string({ unit: "binary" }), fc.uint8Array().map(Buffer.from));
    fc.assert(
      fc.property(key, fc.integer({ min: 1, max: 100 }), (of, count) => {
        assert.equal(one.partitionOf(of, count), other.partitionOf(of, count));
      }),
      { numRuns: 300 },
    );
  });

  it("know a topic by the same id, which the sinks store", async () => {
    const topic = namespace + TOPIC;
    await open(KAFKAJS).publish(messages(0, 1));
    const ids = KAFKA_CLIENTS.map(async (name) => {
      const admin = await chooseClient(configOf(name), silent).openAdmin();
      const found = await admin.topicIds([topic]);
      await admin.close();
      return found.get(topic);
    });
    const [one, other] = await Promise.all(ids);
    assert.match(one!, /^[\w-]{22}$/);
    assert.equal(one, other);
  });

  for (const [leader, follower] of [
    [KAFKAJS, PLATFORMATIC],
    [PLATFORMATIC, KAFKAJS],
  ]) {
    it(`share the partitions of a group, and the messages of a key keep their order, if ${leader} leads the group`, async () => {
      const ledger = new Ledger();
      const applied = new Map<string, number>();
      const consume = (name: string): Promise<Consumer> => {
        const after = () => void applied.set(name, (applied.get(name) ?? 0) + 1);
        return open(name).consume("g", [TOPIC], storingHandler(ledger, { after }));
      };
      const first = await consume(leader);
      await ledger.until(() => ledger.calls.some((call) => call.startsWith("assigned")));
      await consume(follower);
      let sent = 0;
      const [one, other] = KAFKA_CLIENTS.map(open);
      const send = async () => {
        for (const log of [one, other]) await log.publish(messages(sent, (sent += 32)));
        await ledger.until(() => ledger.effects.length >= sent);
      };
      while (!applied.has(follower)) await send();
      applied.clear();
      while (applied.size < 2) await send();

      const topic = namespace + TOPIC;
      await withAdmin(adminOf(services(), configOf(leader)), (admin) =>
        admin.createPartitions({ topicPartitions: [{ topic, count: 8 }] }),
      );
      const partitions = () => new Set(ledger.effects.map(({ partition }) => partition)).size;
      const before = partitions();
      while (ledger.calls.filter((call) => call === `assigned ${TOPIC}/7`).length === 0) await send();
      assert(before <= 4);
      await first.stop();
      await send();

      const values = ledger.values().map(Number);
      assert.deepEqual(
        values.toSorted((a, b) => a - b),
        [...Array(sent).keys()],
      );
      for (const of of Map.groupBy(ledger.effects, ({ key, partition }) => `${key} ${partition}`).values()) {
        const order = of.map(({ value }) => Number(value));
        assert.deepEqual(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
    });
  }
});
