import assert from "node:assert/strict";
import { lakeFlushOf } from "../../src/main/lakeFlush.ts";
import { readConfig } from "../../src/platform/config/readConfig.ts";

const secondsOf = (env: Record<string, string | undefined>): [number, number] => {
  const { eventsMs, samplesMs } = lakeFlushOf(readConfig([], env));
  return [eventsMs / 1000, samplesMs / 1000];
};

const KAFKA_BROKERS = "127.0.0.1:9092";

describe("the age at which a file of the lake is stored", () => {
  it("is ten minutes, and an hour for statistics", () => {
    assert.deepEqual(secondsOf({ KAFKA_BROKERS }), [600, 3600]);
    assert.equal(lakeFlushOf(readConfig([], { KAFKA_BROKERS })).bytes, 44 * 2 ** 20);
  });

  it("is shorter without Kafka, because the outbox keeps what is not stored, and if Kafka keeps little", () => {
    assert.deepEqual(secondsOf({}), [240, 240]);
    assert.deepEqual(secondsOf({ KAFKA_BROKERS, KAFKA_RETENTION_HOURS: "2" }), [600, 1800]);
  });

  it("is the same for all topics if LAKE_FLUSH_SECONDS is set", () => {
    for (const more of [{}, { KAFKA_BROKERS }])
      assert.deepEqual(secondsOf({ ...more, LAKE_FLUSH_SECONDS: "3000" }), [3000, 3000]);
  });
});
