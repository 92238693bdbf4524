/** The commands that read the log itself, on a real broker: redrive, rebuild from Kafka, and the audit's search for repeats. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { arena } from "../../../src/arena/game.ts";
import { audit } from "../../../src/pipeline/audit/audit.ts";
import { kafkaConfig } from "../../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../../src/pipeline/kafka/KafkaLog.ts";
import type { EventLog, LogMessage } from "../../../src/pipeline/log/EventLog.ts";
import { readToEnd } from "../../../src/pipeline/log/readToEnd.ts";
import { clearTables } from "../../../src/pipeline/rebuild/clearTables.ts";
import { rebuildFromLog } from "../../../src/pipeline/rebuild/rebuild.ts";
import { originalOf } from "../../../src/pipeline/redrive/redrive.ts";
import { redriveCommand } from "../../../src/pipeline/redrive/redriveCommand.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { lakeSink } from "../../../src/pipeline/sinks/lake/LakeSink.ts";
import { createRejects, REJECTED_TOPIC } from "../../../src/pipeline/sinks/rejects.ts";
import { warehouseSink } from "../../../src/pipeline/sinks/warehouse/WarehouseSink.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { leastPrivileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { wholeMatch } from "../audit/wholeMatch.ts";
import { catalogue, withSeq } from "../sinks/lakeUnderTest.ts";
import { NOON_MS, tickMessage } from "../sinks/matches.ts";
import { readContents } from "../sinks/warehouseUnderTest.ts";

const match = wholeMatch({ number: 1, mode: "duel" });
const messages = match.map((one, index) => withSeq(tickMessage(one), index + 1));
const rejectedCount = 30;

describe("commands over the log", function () {
  this.timeout(240_000);
  const services = useServices("kafka", "postgres");
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-redrive-"));
  const objects = new DirectoryStore({ directory, variable: "DATA_DIR" });
  let log: EventLog;
  let sql: Sql;
  let operational: Sql;
  /** Replaced by a catalogue with another game, as in an older build that does not know this one. */
  let games = catalogue;
  const now = () => NOON_MS + 3_600_000;
  const rejects = (sink: string) => createRejects(log, sink, () => {});
  const common = () => ({ catalogue: games, now, warn: () => {}, retentionDays: null });
  const lake = () => lakeSink({ log, objects, rejects: rejects("lake"), ...common() });
  const warehouse = () => warehouseSink({ sql, rejects: rejects("warehouse"), moveTicks: 20, ...common() });
  const runSinks = async () => {
    for (const { name, topics, handler } of [lake(), warehouse()]) await readToEnd(log, name, topics, handler);
  };

  before(async () => {
    const { env } = services();
    const variables = {
      ...env,
      NAMESPACE: services().namespace(),
      KAFKA_PARTITIONS: "2",
      KAFKA_SESSION_TIMEOUT_MS: "6000",
    };
    log = new KafkaLog(kafkaConfig(variables)!, silent);
    const url = await services().createDatabase();
    const { DATABASE_URL, WAREHOUSE_URL } = await leastPrivileges({ DATABASE_URL: url, WAREHOUSE_URL: url });
    sql = new PgSql({ variable: "WAREHOUSE_URL", url: WAREHOUSE_URL });
    operational = new PgSql({ variable: "DATABASE_URL", url: DATABASE_URL });
  });
  after(async () => {
    await log.close();
    await sql.close();
    await operational.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const auditDeps = () => ({
    ...{ objects, catalogue, warehouse: sql, log: null, committed: null },
    ...{ retentionDays: null, now },
  });
  const report = (withLog = false) => audit({ ...auditDeps(), ...(withLog && { log }) }, { sinceMs: NOON_MS });
  const redrive = async () => {
    let output = "";
    const write = (text: string) => void (output += text);
    assert.equal(await redriveCommand(["--reason", "unknown-game"], { log, sql: operational }, { out: write }), 0);
    return output;
  };

  it("redrive sends rejected messages again, and each sink stores them exactly once", async () => {
    games = new EventCatalogue([{ ...arena, name: "another" }]);
    await log.publish(messages.slice(0, rejectedCount));
    await runSinks();
    games = catalogue;
    await log.publish(messages.slice(rejectedCount));
    await runSinks();
    assert((await report()).differences.length > 0);
    assert.equal(await redrive(), `${2 * rejectedCount} messages with reason unknown-game were sent again\n`);
    await runSinks();
    assert.deepEqual((await report()).differences, []);
  });

  it("redrive sends nothing twice, and a repeat has no effect", async () => {
    assert.equal(await redrive(), "0 messages with reason unknown-game were sent again\n");
    await operational.query("DELETE FROM redrive.sink_offsets");
    assert.equal(await redrive(), `${2 * rejectedCount} messages with reason unknown-game were sent again\n`);
    await runSinks();
    assert.deepEqual((await report()).differences, []);
  });

  it("the audit reports repeats in the log, which are allowed", async () => {
    const { repeats, repeatsFrom } = await report(true);
    assert.equal(repeatsFrom, "log");
    const repeated = repeats.reduce((sum, { first, last }) => sum + Number(last - first) + 1, 0);
    assert.equal(repeated, 2 * rejectedCount);
  });

  it("rebuild restores the warehouse from Kafka", async () => {
    const before = await readContents(sql);
    await sql.query("DELETE FROM dw.fact_move");
    const rebuildable = { sink: warehouse(), clears: "", clear: () => clearTables(sql, "dw") };
    await rebuildFromLog(rebuildable, log);
    assert.deepEqual(await readContents(sql), before);
  });

  it("the audit finds a match that only the log has", async () => {
    const unread = wholeMatch({ number: 3, mode: "ffa" });
    const [{ matchId }] = unread;
    await log.publish(unread.map((one, index) => withSeq(tickMessage(one), 10_000 + index)));
    const later = { ...auditDeps(), log, now: () => Date.now() + 24 * 3_600_000 };
    const { differences } = await audit(later, { sinceMs: NOON_MS });
    assert.deepEqual(
      differences.map((difference) => [difference.store, difference.matchId]),
      [["lake", matchId]],
    );
    assert.deepEqual((await audit({ ...later, log: null }, { sinceMs: NOON_MS })).differences, []);
  });

  it("redrive refuses invalid arguments, and leaves rejects without an origin", async () => {
    const message =
      /invalid --reason "boredom": expected one of empty, not-json.*; usage: npm run redrive -- --reason REASON/;
    await assert.rejects(redriveCommand(["--reason", "boredom"], { log, sql: operational }, { out() {} }), message);
    const reject = (headers: Record<string, string>) =>
      originalOf({ topic: REJECTED_TOPIC, headers } as unknown as LogMessage);
    const headers = { reason: "empty", sink: "lake", topic: "logs_move", partition: "0", offset: "7", id: "x" };
    assert.deepEqual(reject(headers)?.headers, { id: "x", seq: "redrive.lake.empty.0:7", redrive: "lake" });
    for (const change of [
      { topic: REJECTED_TOPIC },
      { topic: "secrets" },
      { sink: "" },
      { offset: "-1" },
      { partition: "x" },
    ])
      assert.equal(reject({ ...headers, ...change }), null);
  });
});
