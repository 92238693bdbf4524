/** The running lake sink on both logs, after files between others were deleted: it stores their messages again by itself. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { EmbeddedLog } from "../../../src/pipeline/embeddedLog/EmbeddedLog.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import type { EventLog, OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import type { OutboxWriter } from "../../../src/pipeline/outbox/Outbox.ts";
import { openWriter } from "../../../src/pipeline/outbox/openOutbox.ts";
import { lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import { RESTORE_GROUPS } from "../../../src/pipeline/sinks/lake/restoreMessages.ts";
import { type RunningSink, runSink } from "../../../src/pipeline/sinks/runSink.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import type { ObjectStore } from "../../../src/platform/objectStore/ObjectStore.ts";
import { S3Store } from "../../../src/platform/objectStore/S3Store.ts";
import { s3Config } from "../../../src/platform/objectStore/s3Config.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { Ledger, storingHandler } from "../log/Ledger.ts";
import { catalogue, filesIn, withSeq } from "./lakeUnderTest.ts";
import { playMatch, tickMessage } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

const TOPIC = "logs_match";
const ROUNDS = 4;
const played = Array.from({ length: 10 * ROUNDS }, (_, index) => playMatch({ number: index + 1, mode: "duel" })).flat();
const messages = played
  .filter(({ topic }) => topic === TOPIC)
  .map((one, index) => withSeq(tickMessage(one), index + 1));

/** One process with the lake sink, for which ten minutes pass in a second. */
class Lake {
  readonly sink: RunningSink;
  readonly reported: (string | null)[];

  private constructor(sink: RunningSink, reported: (string | null)[]) {
    this.sink = sink;
    this.reported = reported;
  }

  static async start(log: EventLog, objects: ObjectStore): Promise<Lake> {
    const reported: (string | null)[] = [];
    const sink = lakeSink({
      ...{ log, objects, catalogue, rejects: new MemoryRejects(), retentionDays: null, now: Date.now, warn() {} },
      monotonicMs: () => 600 * performance.now(),
      flushAfterMs: 60_000,
      reportLost: (line) => void reported.push(line),
    });
    return new Lake(await runSink(log, sink), reported);
  }
}

function round(index: number): OutgoingMessage[] {
  const each = messages.length / ROUNDS;
  return messages.slice(Math.floor(index * each), Math.floor((index + 1) * each));
}

async function until(isDone: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isDone())) await pause(50);
}

/** The messages in the lake. Asserts that no file of a partition repeats the offsets of another, or leaves some out. */
async function stored(objects: ObjectStore): Promise<string[]> {
  const files = await filesIn(objects, TOPIC);
  for (const [at, { file, metadata }] of files.slice(1).entries()) {
    const before = files[at];
    if (before.file.partition === file.partition) assert.equal(metadata.firstOffset, before.metadata.lastOffset + 1n);
  }
  return files.flatMap((file) => file.messages.map(({ headers }) => headers.id)).sort();
}

async function countStored(objects: ObjectStore): Promise<number> {
  return (await filesIn(objects, TOPIC)).reduce((sum, file) => sum + file.messages.length, 0);
}

/** Publishes round after round, each of which becomes a file of each partition. */
async function publish(log: EventLog, objects: ObjectStore, rounds: readonly number[]): Promise<void> {
  for (const index of rounds) {
    await log.publish(round(index));
    const expected = (await countStored(objects)) + round(index).length;
    await until(async () => (await countStored(objects)) >= expected);
  }
}

/** Deletes all files but the first and the last of each partition. */
async function removeMiddle(objects: ObjectStore): Promise<number> {
  const files = await filesIn(objects, TOPIC);
  const isInside = (at: number) =>
    files[at - 1]?.file.partition === files[at].file.partition &&
    files[at + 1]?.file.partition === files[at].file.partition;
  const middle = files.filter((_, at) => isInside(at));
  for (const { file } of middle) await objects.remove(file.key);
  return middle.length;
}

const expected = messages.map(({ headers }) => headers.id).sort();

describe("deleted files of the running lake", function () {
  this.timeout(600_000);
  const services = useServices("kafka", "s3");
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("are restored from Kafka by each process for its partitions, while new messages are stored", async () => {
    const namespace = services().namespace();
    const variables = {
      ...services().env,
      NAMESPACE: namespace,
      KAFKA_PARTITIONS: "4",
      KAFKA_SESSION_TIMEOUT_MS: "6000",
    };
    const objects = new S3Store(s3Config(variables)!);
    const logs = [1, 2].map(() => new KafkaLog(kafkaConfig(variables)!, silent));
    try {
      const lakes = [await Lake.start(logs[0], objects), await Lake.start(logs[1], objects)];
      await publish(logs[0], objects, [0, 1, 2]);
      const hasLooked = ({ reported }: Lake) => reported.length > 40;
      await until(() => lakes.every(hasLooked));
      assert((await removeMiddle(objects)) >= 2);
      await logs[0].publish(round(3));
      await until(async () => (await countStored(objects)) === messages.length);
      assert.deepEqual(await stored(objects), expected);
      await until(() => lakes.every(({ reported }) => reported.at(-1) === null));
      for (const { sink } of lakes) await sink.stop();
    } finally {
      for (const log of logs) await log.close();
      await objects.close();
    }
  });

  describe("without Kafka", () => {
    let writer: OutboxWriter;
    let log: EmbeddedLog;
    let objects: ObjectStore;
    beforeEach(async () => {
      objects = new DirectoryStore({ directory: path.join(folder, "lake"), variable: "DATA_DIR" });
      writer = await openWriter(folder, { limitBytes: 64 * 2 ** 20 });
      log = await EmbeddedLog.open({
        writer,
        groups: ["lake", "results"],
        readerPrefix: RESTORE_GROUPS,
        logger: silent,
      });
    });
    afterEach(async () => {
      await log.close();
      await writer.close();
    });

    it("are restored from the outbox while another sink needs the messages too", async () => {
      const { reported } = await Lake.start(log, objects);
      await publish(log, objects, [0, 1, 2]);
      const looks = reported.length;
      await until(() => reported.length > looks + 20);
      assert.equal(await removeMiddle(objects), 1);
      await log.publish(round(3));
      await until(async () => (await countStored(objects)) === messages.length);
      assert.deepEqual(await stored(objects), expected);
      await until(() => reported.at(-1) === null);
    });

    it("must be restored from a backup once the outbox has deleted the messages", async () => {
      await log.consume("results", [TOPIC], storingHandler(new Ledger()));
      const { reported } = await Lake.start(log, objects);
      await publish(log, objects, [0, 1, 2]);
      const looks = reported.length;
      await until(() => reported.length > looks + 20);
      const files = await filesIn(objects, TOPIC);
      const copy = (await objects.get(files[1].file.key))!;
      await removeMiddle(objects);
      await until(() => reported.at(-1)?.includes("restore them from a backup of the lake") ?? false);
      await objects.putNew(files[1].file.key, copy);
      await until(() => reported.at(-1) === null);
    });
  });
});
