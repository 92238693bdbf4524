/** Partitions that are added while matches run and relays die. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { arena } from "../../../src/arena/game.ts";
import { audit } from "../../../src/pipeline/audit/audit.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import { createRejects } from "../../../src/pipeline/sinks/rejects.ts";
import { runSink } from "../../../src/pipeline/sinks/runSink.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { openObjectStore } from "../../../src/platform/objectStore/openObjectStore.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { adminOf, withAdmin } from "../kafka/withAdmin.ts";
import { Child } from "./Child.ts";
import { RelayBench } from "./RelayBench.ts";
import { MATCH_TOPICS } from "./TopicReader.ts";

const BEFORE = 3;
const AFTER = 7;

describe("relay and sinks when partitions are added", function () {
  this.timeout(900_000);
  const services = useServices("kafka");
  const children: Child[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
  });

  function child(script: string, args: readonly string[]): Child {
    const started = new Child(script, args);
    children.push(started);
    return started;
  }

  it("keeps each match in its partitions although the relay dies, stores nothing twice, and uses the new ones", async () => {
    const kafka = kafkaConfig({
      ...services().env,
      NAMESPACE: services().namespace(),
      KAFKA_PARTITIONS: String(BEFORE),
    })!;
    const bench = await RelayBench.open(kafka);
    const { dataDir } = bench.config;
    const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-lake-"));
    const objects = openObjectStore({}, { path: folder, variable: "DATA_DIR" });
    const catalogue = new EventCatalogue([arena]);
    const log = new KafkaLog(kafka, silent);
    const rejects = createRejects(log, "lake", () => {});
    const options = {
      log,
      objects,
      catalogue,
      rejects,
      now: Date.now,
      warn() {},
      flushAfterMs: 500,
      retentionDays: null,
    };
    const lake = await runSink(log, lakeSink(options));

    const game = child("gameProcess.ts", [dataDir, "squad", "6"]);
    const matchIds = (await game.line((line) => line.startsWith("matches"))).split(" ").slice(1);
    // It acknowledges nothing in the outbox, so its successor sends everything again.
    const first = child("relayProcess.ts", [JSON.stringify({ ...bench.config, acknowledgeEveryMs: 2 ** 30 })]);
    await bench.reader.untilCount(300);
    await withAdmin(adminOf(services(), kafka), (admin) =>
      admin.createPartitions({
        topicPartitions: MATCH_TOPICS.map((topic) => ({ topic: kafka.namespace + topic, count: AFTER })),
      }),
    );
    await bench.reader.untilCount(bench.reader.count + 300);
    await first.kill();
    const second = child("relayProcess.ts", [JSON.stringify({ ...bench.config, acknowledgeEveryMs: 50 })]);
    await bench.reader.untilCount(bench.reader.count + 1500);
    await second.kill();
    bench.start();
    await game.kill();
    await bench.reader.untilEnded(matchIds);
    const all = [...matchIds];
    const isInNew = () => bench.messagesOf("logs_match").some(({ partition }) => partition >= BEFORE);
    while (!isInNew()) {
      const played = await bench.play("duel", 8, 20);
      await bench.reader.untilEnded(played);
      all.push(...played);
    }
    for (const [name, of] of Map.groupBy(bench.reader.messages(), ({ topic, key }) => `${topic} ${key}`))
      assert.equal(new Set(of.map(({ partition }) => partition)).size, 1, `${name} is in more than one partition`);
    assert(bench.reader.check().repeats > 300);

    const deps = { objects, catalogue, log, warehouse: null, committed: null, retentionDays: null, now: Date.now };
    for (;;) {
      const { matches, open, differences } = await audit(deps, { sinceMs: Date.now() - 3_600_000 });
      const twice = differences.filter(({ detail }) => /stored twice|more events/.test(detail));
      assert.deepEqual(twice, []);
      if (matches === all.length && open.length === 0 && differences.length === 0) break;
      await setTimeout(1000);
    }
    await lake.stop();
    await log.close();
    await objects.close();
    await bench.close();
    rmSync(folder, { recursive: true });
  });
});
