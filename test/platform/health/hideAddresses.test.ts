import assert from "node:assert/strict";
import { addressHider } from "../../../src/platform/health/hideAddresses.ts";

describe("lines of /readyz for everyone", () => {
  const hide = addressHider([
    "postgres://app:secret@db.internal:5432/game",
    "kafka:9092,[fd00::7]:9092",
    "redis+sentinel://u:p@sentinel-1:26379,10.1.2.3:26379/main",
    "https://id.example/keys,https://login/keys",
  ]);

  it("have no address of a service: neither the configured ones nor others that a service named", () => {
    const lines: [string, string][] = [
      ["DATABASE_URL: cannot reach db.internal:5432", "DATABASE_URL: cannot reach (address)"],
      ["DATABASE_URL: getaddrinfo ENOTFOUND other.host", "DATABASE_URL: getaddrinfo ENOTFOUND (address)"],
      ["KAFKA_BROKERS: no answer from kafka, [fd00::7]:9092", "KAFKA_BROKERS: no answer from (address), (address)"],
      ["REDIS_URL: sentinel-1 names 10.9.8.7:6379", "REDIS_URL: (address) names (address)"],
      ["AUTH_JWKS_URL: id.example and login do not answer", "AUTH_JWKS_URL: (address) and (address) do not answer"],
      ["connect ECONNREFUSED ::1:6379", "connect ECONNREFUSED (address)"],
      ["S3_ENDPOINT: https://s3.example.com:9000/bucket: 403", "S3_ENDPOINT: (address): 403"],
    ];
    for (const [line, shown] of lines) assert.equal(hide(line), shown);
  });

  it("are otherwise unchanged", () => {
    for (const line of [
      "the operational database is not migrated yet",
      "KAFKA_BROKERS: topic logs_move has 4 partitions, expected 8 (KAFKA_PARTITIONS=8): run kafka-topics.sh --alter",
      "outbox: 512 MB of 1024 MB used (OUTBOX_MAX_MB): new matches are refused",
    ])
      assert.equal(hide(line), line);
  });
});
