import assert from "node:assert/strict";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import type { BatchHandler, Consumer, EventLog } from "../../../src/pipeline/log/EventLog.ts";
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

describe("a log to which a running program writes", () => {
  /** A log of two partitions, one of them empty, that gets another message between any two calls of `onIdle`. */
  function busyLog(): Pick<EventLog, "consume" | "problem"> {
    return {
      problem: () => null,
      async consume(_group, [topic], handler: BatchHandler): Promise<Consumer> {
        const stopping = new AbortController();
        let next = 0n;
        const deliver = async () => {
          const offsets = { firstOffset: next, nextOffset: next + 1n, endOffset: next + 1n };
          await handler.apply({ topic, partition: 0, topicId: "a", ...offsets, messages: [] });
          next++;
        };
        const run = async () => {
          for (const partition of [0, 1]) await handler.onAssigned(topic, partition, "a");
          while (!stopping.signal.aborted) {
            await deliver();
            await handler.onIdle?.();
            await new Promise(setImmediate);
          }
        };
        const stopped = run();
        return {
          ...{ stopped, lagSeconds: () => 0, isCaughtUp: () => true, hasJoined: () => true, problems: () => [] },
          async stop() {
            stopping.abort();
            await stopped;
          },
        };
      },
    };
  }

  it("is read to the end that it had when reading began", async () => {
    const { signal } = new AbortController();
    await readToEnd(busyLog(), "audit", ["logs_match"], storingHandler(new Ledger()), { signal });
  });
});
