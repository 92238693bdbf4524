/** One trace from two processes on real services: one hosts rooms and serves the API, the other runs the relay and the sinks. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Program } from "../chaos/Program.ts";
import { limitDatabase, limitWarehouse } from "../tools/services/leastPrivileges.ts";
import { useServices } from "../tools/services/useServices.ts";
import { Collector } from "./Collector.ts";
import { GAMES, playRankedMatch, until } from "./tracedPlay.ts";

const PRODUCER = 4;

describe("traces of several processes", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres", "redis");
  const folder = mkdtempSync(path.join(os.tmpdir(), "hypogeum-"));
  const programs: Program[] = [];
  let collector: Collector;
  const databases: string[] = [];

  before(async () => {
    collector = await Collector.start();
    const { env, namespace, createDatabase } = services();
    databases.push(await createDatabase(), await createDatabase());
    const shared = {
      ...env,
      ...(await limitWarehouse(databases[1])),
      ...{ DATABASE_URL: (await limitDatabase(databases[0])).runtime, NAMESPACE: namespace() },
      ...{ KAFKA_PARTITIONS: "1", JWT_SECRET: "a secret of thirty-two characters" },
      // With DATABASE_URL, guests are not ranked by default.
      ...{ GAMES, RANK_ANONYMOUS: "1" },
      ...{ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: "100" },
    };
    for (const [PROCESS_NAME, ROLES] of [
      ["game", "game,api"],
      ["back", "relay,sinks"],
    ])
      programs.push(await Program.make({ dataDir: folder, env: { ...shared, PROCESS_NAME, ROLES }, oneOfMany: true }));
    await Promise.all(programs.map((program) => program.start()));
    await Promise.all(programs.map((program) => program.untilHealthy()));
  });

  after(async () => {
    for (const program of programs) await program.stop();
    await collector?.stop();
    for (const url of databases) await services().dropDatabase(url);
    rmSync(folder, { recursive: true, force: true });
  });

  it("are one trace, in which each process has its part, with Kafka between them", async () => {
    const matchId = await playRankedMatch(programs[0]);
    const expected = {
      ...{ match: "game", "commit ended": "game", "take seat": "game", "wait in queue": "game" },
      ...{ "send logs_match": "back", "process logs_match": "back", "store result": "back" },
      "refresh ranking": "game",
    };
    const found = () =>
      Object.fromEntries(collector.trace(matchId).map(({ name, resource }) => [name, resource["service.instance.id"]]));
    // The comparison shows which are missing.
    await until("all spans", () => Object.keys(found()).length === Object.keys(expected).length).catch(() => {});
    assert.deepEqual(found(), expected);
    const sent = collector.trace(matchId).find(({ name }) => name === "send logs_match")!;
    assert.equal(sent.kind, PRODUCER);
    assert.equal(sent.attributes["messaging.system"], "kafka");
    const root = collector.trace(matchId).find(({ name }) => name === "match")!;
    for (const { name, parentSpanId } of collector.trace(matchId))
      assert.equal(parentSpanId || undefined, name === "match" ? undefined : root.spanId, name);
  });
});
