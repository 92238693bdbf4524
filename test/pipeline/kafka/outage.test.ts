/** The producer and consumers over Kafka while the broker is killed, paused and restarted. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asUsers, type Users } from "../../tools/services/asUsers.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { KAFKA_CLIENTS } from "./clients.ts";

for (const KAFKA_CLIENT of KAFKA_CLIENTS)
  describe(`log over Kafka with ${KAFKA_CLIENT} during an outage`, function () {
    this.timeout(900_000);
    let services: Services;
    let users: Users;
    before(async () => {
      services = await startServices(["kafka"]);
      users = await asUsers(services, ["kafka"]);
    });
    after(() => services.stop());

    for (const [name, takeDown, bringUp] of [
      ["is killed", "kill", "restart"],
      ["is paused", "pause", "resume"],
    ] as const) {
      it(`loses nothing and keeps the order when the broker ${name}`, async () => {
        const env = { ...users.env, KAFKA_CLIENT, NAMESPACE: users.namespace() };
        const log = new KafkaLog(
          kafkaConfig({ ...env, KAFKA_PARTITIONS: "4", KAFKA_SESSION_TIMEOUT_MS: "6000" })!,
          silent,
        );
        const ledger = new Ledger();
        await log.consume("g", ["logs_move"], storingHandler(ledger));
        let sent = 0;
        let publishing = true;
        const publish = async () => {
          while (publishing) {
            const batch = Array.from({ length: 20 }, () => {
              const value = String(sent++);
              return { topic: "logs_move", key: `k${Number(value) % 8}`, headers: { id: value }, value };
            });
            await log.publish(batch);
            await setTimeout(5);
          }
        };
        const done = publish();
        await ledger.until(() => ledger.effects.length > 500);
        await services[takeDown]("kafka");
        await setTimeout(3000);
        if (takeDown === "kill") {
          while (log.problem() === null) await setTimeout(20);
          assert.match(log.problem()!, /^KAFKA_BROKERS: /);
        }
        await services[bringUp]("kafka");
        const before = ledger.effects.length;
        await ledger.until(() => ledger.effects.length > before + 500);
        publishing = false;
        await done;
        const ids = new Set<string>();
        await ledger.until(() => {
          for (const { headers } of ledger.effects) ids.add(headers.id);
          return ids.size >= sent;
        });
        assert.equal(log.problem(), null);
        for (const ofKey of Map.groupBy(ledger.effects, ({ key }) => String(key)).values()) {
          const firsts = [...new Set(ofKey.map(({ headers }) => Number(headers.id)))];
          assert.deepEqual(
            firsts,
            firsts.toSorted((a, b) => a - b),
          );
        }
        await log.close();
      });
    }
  });
