/** What a consumer keeps in memory of the messages that wait in Kafka while its handler is busy, in bytes. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import v8 from "node:v8";
import vm from "node:vm";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import type { BatchHandler } from "../../../src/pipeline/log/EventLog.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { KAFKA_CLIENTS } from "./clients.ts";

const TOPIC = "logs_move";
const MEBIBYTE = 2 ** 20;
const MESSAGE_BYTES = 64 * 1024;
const WAITING_BYTES = 96 * MEBIBYTE;
const MESSAGES = WAITING_BYTES / MESSAGE_BYTES;
/** A few answers of a broker. */
const HELD_BYTES_MAX = 24 * MEBIBYTE;

v8.setFlagsFromString("--expose-gc");
const collectGarbage = vm.runInNewContext("gc") as () => void;

function bufferBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** Resolves to the bytes of all buffers once they no longer grow. */
async function settledBufferBytes(): Promise<number> {
  let largest = 0;
  for (let quiet = 0; quiet < 10; quiet++) {
    await delay(100);
    const bytes = bufferBytes();
    if (bytes > largest + MEBIBYTE) quiet = 0;
    largest = Math.max(largest, bytes);
  }
  return largest;
}

/** Waits in its first calls until `release`. */
class BusyHandler implements BatchHandler {
  readonly #released = Promise.withResolvers<void>();
  readonly called = Promise.withResolvers<void>();
  readonly done = Promise.withResolvers<void>();
  received = 0;

  release(): void {
    this.#released.resolve();
  }

  onAssigned = async () => null;

  async apply({ messages }: { readonly messages: readonly unknown[] }): Promise<void> {
    this.called.resolve();
    await this.#released.promise;
    this.received += messages.length;
    if (this.received >= MESSAGES) this.done.resolve();
  }

  onSkipped(): void {}

  onRevoked = async () => {};
}

describe("the memory of a consumer over Kafka", function () {
  this.timeout(240_000);
  const services = useServices("kafka");

  for (const KAFKA_CLIENT of KAFKA_CLIENTS)
    it(`contains at most 24 of the 96 MiB that wait while its handler is busy, with KAFKA_CLIENT=${KAFKA_CLIENT}`, async () => {
      const settings = { KAFKA_CLIENT, KAFKA_PARTITIONS: "8", KAFKA_COMPRESSION: "none" };
      const NAMESPACE = services().namespace();
      const log = new KafkaLog(kafkaConfig({ ...services().env, ...settings, NAMESPACE })!, silent);
      const handler = new BusyHandler();
      try {
        for (let sent = 0; sent < MESSAGES; sent += 64) {
          const messages = Array.from({ length: 64 }, (_, at) => {
            return { topic: TOPIC, key: `key ${sent + at}`, headers: {}, value: randomBytes(MESSAGE_BYTES) };
          });
          await log.publish(messages);
        }
        const before = bufferBytes();
        await log.consume("g", [TOPIC], handler);
        await handler.called.promise;
        const held = (await settledBufferBytes()) - before;
        assert(held <= HELD_BYTES_MAX, `${held} bytes`);
        handler.release();
        await handler.done.promise;
      } finally {
        handler.release();
        await log.close();
      }
    });
});
