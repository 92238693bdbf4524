import assert from "node:assert/strict";
import { sentWithoutTls } from "../../src/main/sentWithoutTls.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";

const ISSUERS = { AUTH_ISSUER: "a,b", AUTH_JWKS_URL: "https://a.example/keys,http://b.example:8080/keys" };
const OPERATORS = { OPERATOR_ISSUER: "studio", OPERATOR_AUDIENCE: "game" };
const KAFKA = { KAFKA_BROKERS: "kafka:9092", KAFKA_SASL_USERNAME: "anna", KAFKA_SASL_PASSWORD: "hunter2" };
const OAUTH = { ...KAFKA, KAFKA_SASL_MECHANISM: "oauthbearer", KAFKA_SSL: "1" };
const TRACES = { OTEL_EXPORTER_OTLP_HEADERS: "authorization=hunter2" };

const linesOf = (env: Readonly<Record<string, string>>) => sentWithoutTls(readConfig([], env));

describe("keys and secrets that cross a network without TLS", () => {
  const cases: [name: string, env: Record<string, string>, line: RegExp][] = [
    ["the keys of players' tokens", ISSUERS, /^AUTH_JWKS_URL: b\.example:8080 is not reached by TLS, .*: use https$/],
    ["the keys of operators' tokens", { ...OPERATORS, OPERATOR_JWKS_URL: "http://id/keys" }, /^OPERATOR_JWKS_URL: id /],
    ["the client secret for Kafka", { ...OAUTH, KAFKA_OAUTH_TOKEN_URL: "http://id/token" }, /^KAFKA_OAUTH_TOKEN_URL: /],
    ["the password for Kafka", KAFKA, /^KAFKA_SASL_MECHANISM: plain sends .*: set KAFKA_SSL=1, or use scram-sha-512$/],
    [
      "the password for Redis",
      { REDIS_URL: "redis://anna:hunter2@redis:6379" },
      /^REDIS_URL: redis:6379 .*: use rediss$/,
    ],
    [
      "the password for Redis behind Sentinels",
      { REDIS_URL: "redis+sentinel://anna:hunter2@127.0.0.1,s2:26379/main" },
      /^REDIS_URL: 127\.0\.0\.1,s2:26379 is not .*: use rediss\+sentinel$/,
    ],
    [
      "the accounts of players",
      { DATABASE_URL: "postgres://anna:hunter2@db/hypogeum" },
      /^DATABASE_URL: db:5432 is not reached by TLS, .*: add sslmode=verify-full to the URL$/,
    ],
    ["facts", { WAREHOUSE_URL: "postgres://anna:hunter2@db:5433/w?sslmode=disable" }, /^WAREHOUSE_URL: db:5433 is not/],
    ["the key of a collector", { ...TRACES, OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }, /^OTEL_EXPORTER_OTLP_END/],
  ];
  for (const [name, env, line] of cases)
    it(`are reported in one line: ${name}`, () => {
      const lines = linesOf(env);
      assert.equal(lines.length, 1);
      assert.match(lines[0], line);
      assert.doesNotMatch(lines[0], /hunter2|\n/);
    });

  it("are not reported with TLS, on this machine, and where nothing secret is sent", () => {
    const safe: Record<string, string>[] = [
      {},
      { ...OPERATORS, OPERATOR_JWKS_URL: "https://id.example/keys" },
      { ...OPERATORS, OPERATOR_JWKS_URL: "http://[::1]:8080/keys" },
      { ...OAUTH, KAFKA_OAUTH_TOKEN_URL: "http://localhost/token" },
      { ...KAFKA, KAFKA_SSL: "1" },
      { ...KAFKA, KAFKA_SASL_MECHANISM: "scram-sha-256" },
      { ...KAFKA, KAFKA_BROKERS: "127.0.0.1:9092,[::1]:9092" },
      { KAFKA_BROKERS: "kafka:9092" },
      { REDIS_URL: "rediss://redis:6379" },
      { REDIS_URL: "redis://[::1]:6379" },
      { REDIS_URL: "rediss+sentinel://s1,s2/main" },
      { DATABASE_URL: "postgres://anna@localhost/hypogeum", WAREHOUSE_URL: "postgres://anna@[::1]:5433/hypogeum" },
      { DATABASE_URL: "postgres://anna@x/hypogeum?host=/run/postgresql" },
      { DATABASE_URL: "postgres://anna@db/hypogeum?sslmode=require" },
      { DATABASE_URL: "postgres://anna@db/hypogeum?sslrootcert=/etc/ca.pem" },
      { DATABASE_URL: "postgres://anna@db/hypogeum", PGSSLMODE: "require" },
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" },
    ];
    for (const env of safe) assert.deepEqual(linesOf(env), [], JSON.stringify(env));
  });
});
