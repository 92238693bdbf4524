/** What is reported if the brokers reject or do not answer: one line that names the variable, and never a secret. */
import assert from "node:assert/strict";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { KafkaProducer } from "../../../src/pipeline/kafka/KafkaProducer.ts";
import type { Logger } from "../../../src/platform/logging/Logger.ts";
import { findFreePort } from "../../../tools/services/ports.ts";
import { type Services, startServices, uniqueNamespace } from "../../../tools/services/startServices.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { KAFKA_CLIENTS } from "./clients.ts";
import { addSaslListener } from "./saslListener.ts";

const PASSWORD = "wrong-hedgehog";

describe("a connection to Kafka that fails", function () {
  this.timeout(900_000);
  let services: Services;
  let withoutSasl: string;
  let withSasl: string;
  const lines: string[] = [];
  const write = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const logger: Logger = { debug: write, info: write, warn: write, error: write };

  before(async () => {
    services = await startServices(["kafka"]);
    withoutSasl = services.env.KAFKA_BROKERS;
    withSasl = await addSaslListener(kafkaConfig({ KAFKA_BROKERS: withoutSasl })!, "right");
  });
  after(() => services.stop());
  afterEach(() => {
    assert(lines.every((line) => !line.includes(PASSWORD)));
    lines.length = 0;
  });

  const withPassword = { KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: PASSWORD };
  const cases: [name: string, env: () => Record<string, string>, line: RegExp][] = [
    [
      "no process listens at the port",
      () => ({ KAFKA_BROKERS: "127.0.0.1:1" }),
      /^KAFKA_BROKERS: no broker answers at 127.0.0.1:1: /,
    ],
    [
      "the host is unknown",
      () => ({ KAFKA_BROKERS: "no.such.host.invalid:9092" }),
      /^KAFKA_BROKERS: no broker answers at no\.such\.host\.invalid:9092: /,
    ],
    [
      "the password is wrong",
      () => ({ KAFKA_BROKERS: withSasl, ...withPassword }),
      /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: .* rejected user "anna" with mechanism plain$/,
    ],
    [
      "the broker does not support the mechanism",
      () => ({ KAFKA_BROKERS: withSasl, ...withPassword, KAFKA_SASL_MECHANISM: "scram-sha-256" }),
      /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: .* with mechanism scram-sha-256$/,
    ],
    [
      "credentials are missing",
      () => ({ KAFKA_BROKERS: withSasl }),
      /^KAFKA_BROKERS: .* authentication \(KAFKA_SASL_MECHANISM\)$/,
    ],
    [
      "credentials are not expected",
      () => ({ KAFKA_BROKERS: withoutSasl, ...withPassword }),
      /^KAFKA_SASL_USERNAME, KAFKA_SASL_PASSWORD: /,
    ],
    [
      "the broker does not use TLS",
      () => ({ KAFKA_BROKERS: withoutSasl, KAFKA_SSL: "1" }),
      /^KAFKA_BROKERS: .* no TLS \(KAFKA_SSL=0\)/,
    ],
  ];
  for (const KAFKA_CLIENT of KAFKA_CLIENTS) {
    for (const [name, env, line] of cases) {
      it(`is reported in one line by ${KAFKA_CLIENT} if ${name}`, async () => {
        const producer = new KafkaProducer(kafkaConfig({ ...env(), KAFKA_CLIENT })!, logger);
        await assert.rejects(producer.connect(), (error: Error) => {
          assert.match(error.message, line);
          assert(!error.message.includes("\n"));
          assert(!error.message.includes(PASSWORD));
          return true;
        });
        await producer.close();
      });
    }

    it(`is reported by the log with ${KAFKA_CLIENT} while it lasts, stops no consumer and loses no message`, async () => {
      const elsewhere = `127.0.0.1:${await findFreePort([])}`;
      const env = { KAFKA_CLIENT, KAFKA_BROKERS: elsewhere, NAMESPACE: uniqueNamespace() };
      const log = new KafkaLog(kafkaConfig(env)!, logger);
      const refused = assert.rejects(
        log.publish([{ topic: "logs_stats", key: "k", headers: {}, value: "1" }]),
        /closed/,
      );
      const consumer = await log.consume("g", ["logs_stats"], storingHandler(new Ledger()));
      while (log.problem() === null) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.match(log.problem()!, /^KAFKA_BROKERS: no broker answers at/);
      await log.close();
      await consumer.stopped;
      await refused;
    });
  }
});
