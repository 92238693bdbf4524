import assert from "node:assert/strict";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { partitionsOf } from "../../../src/pipeline/kafka/topicSettings.ts";

const ownFile = import.meta.filename;
const user = { KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: "secret" };
const oauth = { ...user, KAFKA_SASL_MECHANISM: "oauthbearer" };
const brokers = { KAFKA_BROKERS: "a:9092, b.example:19092" };

describe("Kafka settings", () => {
  it("are null without KAFKA_BROKERS", () => {
    assert.equal(kafkaConfig({}), null);
    assert.equal(kafkaConfig({ KAFKA_BROKERS: "" }), null);
  });

  it("have defaults for everything except the brokers", () => {
    assert.deepEqual(kafkaConfig(brokers), {
      client: "kafkajs",
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

  it("accept another client", () => {
    assert.equal(kafkaConfig({ ...brokers, KAFKA_CLIENT: "platformatic" })?.client, "platformatic");
  });

  it("accept credentials and TLS", () => {
    const config = kafkaConfig({
      ...brokers,
      KAFKA_SSL: "true",
      KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
      KAFKA_SASL_USERNAME: "anna",
      KAFKA_SASL_PASSWORD: "secret",
    });
    assert.deepEqual(config?.tls, { ca: null, client: null });
    assert.deepEqual(config?.sasl, { mechanism: "scram-sha-512", username: "anna", password: "secret" });
  });

  it("accept IPv6 addresses in brackets", () => {
    const KAFKA_BROKERS = "[::1]:9092,[2001:db8::2]:9092,my_kafka:9092";
    assert.deepEqual(kafkaConfig({ KAFKA_BROKERS })?.brokers, KAFKA_BROKERS.split(","));
  });

  it("accept an identity provider", () => {
    const env = { ...brokers, ...oauth, KAFKA_OAUTH_TOKEN_URL: "https://id.example/token", KAFKA_OAUTH_SCOPE: "kafka" };
    assert.deepEqual(kafkaConfig(env)?.sasl, {
      ...{ mechanism: "oauthbearer", username: "anna", password: "secret" },
      ...{ tokenUrl: "https://id.example/token", scope: "kafka" },
    });
  });

  const bad: [env: Record<string, string>, message: RegExp][] = [
    [{ KAFKA_BROKERS: "a" }, /^KAFKA_BROKERS: invalid "a": expected comma-separated host:port/],
    [{ KAFKA_BROKERS: "a:0" }, /^KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: "a:9092,,b:1" }, /^KAFKA_BROKERS: invalid ""/],
    [{ KAFKA_BROKERS: "kafka://a:9092" }, /^KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: "::1:9092" }, /^KAFKA_BROKERS: .* with IPv6 addresses in brackets$/],
    [{ KAFKA_BROKERS: "kafka://u:hunter2@a:9092" }, /^KAFKA_BROKERS: invalid value \(not shown\)(?!.*hunter2)/],
    [{ KAFKA_BROKERS: "a:9092/x" }, /^KAFKA_BROKERS/],
    [{ KAFKA_BROKERS: "a:99999" }, /^KAFKA_BROKERS/],
    [{ KAFKA_PARTITIONS: "0x10" }, /^KAFKA_PARTITIONS: invalid "0x10"/],
    [{ NAMESPACE: ".." }, /^NAMESPACE: invalid "\.\."/],
    [{ KAFKA_SSL: "maybe" }, /^KAFKA_SSL: invalid "maybe": expected 0, 1, false or true/],
    [{ KAFKA_SSL_CA: "/no/such.pem" }, /^KAFKA_SSL_CA: cannot read "\/no\/such.pem" \(ENOENT\)/],
    [{ KAFKA_SASL_USERNAME: "anna" }, /^KAFKA_SASL_PASSWORD is not set/],
    [{ KAFKA_SASL_PASSWORD: "secret" }, /^KAFKA_SASL_USERNAME is not set(?!.*secret)/],
    [{ KAFKA_SASL_MECHANISM: "plain" }, /^KAFKA_SASL_USERNAME is not set/],
    [
      { KAFKA_SASL_MECHANISM: "gssapi", ...user },
      /^KAFKA_SASL_MECHANISM: invalid "gssapi": expected plain, .* or oauthbearer/,
    ],
    [oauth, /^KAFKA_OAUTH_TOKEN_URL is not set: KAFKA_SASL_MECHANISM=oauthbearer requires it$/],
    [{ ...oauth, KAFKA_OAUTH_TOKEN_URL: "https://a:secret@b/" }, /^KAFKA_OAUTH_TOKEN_URL: invalid value(?!.*secret)/],
    [{ ...oauth, KAFKA_OAUTH_TOKEN_URL: "ftp://b/" }, /^KAFKA_OAUTH_TOKEN_URL: invalid/],
    [{ KAFKA_SSL_CERT: "/no/such.pem" }, /^KAFKA_SSL_KEY is not set: KAFKA_SSL_CERT requires it$/],
    [{ KAFKA_SSL_KEY: "/no/such.pem" }, /^KAFKA_SSL_CERT is not set: KAFKA_SSL_KEY requires it$/],
    [
      { KAFKA_SSL_CERT: "/no/such.pem", KAFKA_SSL_KEY: "/no" },
      /^KAFKA_SSL_CERT: cannot read "\/no\/such.pem" \(ENOENT\)/,
    ],
    [
      { KAFKA_SSL_CERT: ownFile, KAFKA_SSL_KEY: ownFile },
      /^KAFKA_SSL_CERT: invalid content of ".*": expected a certificate in PEM/,
    ],
    [{ KAFKA_PARTITIONS: "0" }, /^KAFKA_PARTITIONS: invalid "0": expected a whole number from 1 to 1000/],
    [{ KAFKA_CLIENT: "confluent" }, /^KAFKA_CLIENT: invalid "confluent": expected kafkajs or platformatic/],
    [{ KAFKA_COMPRESSION: "lz4" }, /^KAFKA_COMPRESSION: invalid "lz4": expected zstd, gzip or none/],
    [{ NAMESPACE: "a b" }, /^NAMESPACE: invalid "a b"/],
  ];
  for (const [env, message] of bad) {
    it(`reject ${JSON.stringify(env)} with one line that names the variable`, () => {
      assert.throws(() => kafkaConfig({ ...brokers, ...env }), { message });
    });
  }

  it("give the busiest topics all partitions, the quiet ones one, and a game's own half", () => {
    const config = kafkaConfig(brokers)!;
    assert.equal(partitionsOf("logs_move", config), 8);
    assert.equal(partitionsOf("logs_queue", config), 1);
    assert.equal(partitionsOf("logs_tag", config), 4);
  });
});
