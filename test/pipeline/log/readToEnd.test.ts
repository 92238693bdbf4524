import assert from "node:assert/strict";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { readToEnd } from "../../../src/pipeline/log/readToEnd.ts";
import { rebuildFromLog } from "../../../src/pipeline/rebuild/rebuild.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { findFreePort } from "../../../tools/services/ports.ts";
import { Ledger, storingHandler } from "./Ledger.ts";

describe("a log that a command cannot read", () => {
  let log: KafkaLog;
  before(async () => {
    const brokers = `127.0.0.1:${await findFreePort([])}`;
    log = new KafkaLog(kafkaConfig({ KAFKA_BROKERS: brokers })!, silent);
  });
  after(() => log.close());

  it("ends the command with the reason", () =>
    assert.rejects(
      readToEnd(log, "audit", ["logs_match"], storingHandler(new Ledger()), { patienceMs: 600 }),
      /^Error: KAFKA_BROKERS: no broker answers at .* \(gave up after 0.6 s without progress\)$/,
    ));

  it("does not delay a stop", async () => {
    const stopping = new AbortController();
    const { signal } = stopping;
    const reading = readToEnd(log, "audit", ["logs_match"], storingHandler(new Ledger()), { signal });
    stopping.abort();
    await reading;
    await readToEnd(log, "audit", ["logs_match"], storingHandler(new Ledger()), { signal });
  });

  it("costs nothing that was to be rebuilt from it", async () => {
    let cleared = 0;
    const sink = { name: "warehouse", topics: ["logs_match"], handler: storingHandler(new Ledger()) };
    const rebuilt = rebuildFromLog({ sink, clears: "all", clear: async () => void cleared++ }, log, 600);
    await assert.rejects(rebuilt, /no broker answers/);
    assert.equal(cleared, 0);
  });
});
