/** The settings of the connection to Kafka. */
import assert from "node:assert/strict";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { partitionsOf } from "../../../src/pipeline/kafka/topics.ts";

const brokers = { KAFKA_BROKERS: "a:9092, b.example:19092" };

describe("Kafka's settings", () => {
  it("are none without KAFKA_BROKERS", () => {
    assert.equal(kafkaConfig({}), null);
    assert.equal(kafkaConfig({ KAFKA_BROKERS: "" }), null);
  });

  it("have defaults for all but the brokers", () => {
    assert.deepEqual(kafkaConfig(brokers), {
      brokers: ["a:9092", "b.example:19092"],
      tls: null,
      sasl: null,
      namespace: "",
      partitions: 8,
      replication: null,
      retentionHours: 168,
      compression: "zstd",
      sessionTimeoutMs: 30_000,
    });
  });

  it("take a sign-in and TLS", () => {
    const config = kafkaConfig({
      ...brokers,
      KAFKA_SSL: "true",
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_SASL_USERNAME: "anna",
      KAFKA_SASL_PASSWORD: "secret",
    });
    assert.deepEqual(config?.tls, { ca: null });
    assert.deepEqual(config?.sasl, { mechanism: "scram-sha-512", username: "anna", password: "secret" });
  });

  const bad: [env: Record<string, string>, message: RegExp][] = [
    [{ KAFKA_BROKERS: "a" }, /^KAFKA_BROKERS holds "a", allowed is host:port/],
    [{ KAFKA_BROKERS: "a:0" }, /^KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: "a:9092,,b:1" }, /^KAFKA_BROKERS holds ""/],
    [{ KAFKA_BROKERS: "kafka://a:9092" }, /^KAFKA_BROKERS/],
    [{ KAFKA_SSL: "maybe" }, /^KAFKA_SSL is "maybe", allowed are: 0, 1, false, true/],
    [{ KAFKA_SSL_CA: "/no/such.pem" }, /^KAFKA_SSL_CA is "\/no\/such.pem", which cannot be read \(ENOENT\)/],
    [{ KAFKA_SASL_USERNAME: "anna" }, /^KAFKA_SASL_PASSWORD is missing/],
    [{ KAFKA_SASL_PASSWORD: "secret" }, /^KAFKA_SASL_USERNAME is missing(?!.*secret)/],
    [{ KAFKA_SASL_MECHANISM: "plain" }, /^KAFKA_SASL_USERNAME is missing/],
    [{ KAFKA_PARTITIONS: "0" }, /^KAFKA_PARTITIONS is "0", allowed are whole numbers from 1 to 1000/],
    [{ KAFKA_COMPRESSION: "lz4" }, /^KAFKA_COMPRESSION is "lz4", allowed are: zstd, gzip, none/],
    [{ NAMESPACE: "a b" }, /^NAMESPACE is "a b"/],
  ];
  for (const [env, message] of bad) {
    it(`refuse ${JSON.stringify(env)} with one line that names the variable`, () => {
      assert.throws(() => kafkaConfig({ ...brokers, ...env }), { message });
    });
  }

  it("give the busiest topics all partitions, the quiet ones one, a game's own half", () => {
    const config = kafkaConfig(brokers)!;
    assert.equal(partitionsOf("logs_move", config), 8);
    assert.equal(partitionsOf("logs_queue", config), 1);
    assert.equal(partitionsOf("logs_tag", config), 4);
  });
});
