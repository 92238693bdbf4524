/**
 * A running installation is upgraded to a build with other declarations of events, downgraded, and upgraded again. Each time,
 * messages of the other build are unread in Kafka and in an outbox, and stored in the lake.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectEmbedded, openSql } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { type Services, startServices, uniqueNamespace } from "../../tools/services/startServices.ts";
import { type Build, Upgraded } from "./Upgraded.ts";

const ALL = "game,api,relay,sinks";
const TIMEOUT_MS = 3_600_000;
/** Why the older build rejects messages of the newer one. `refused` last: these matches lack what was rejected for other reasons. */
const REASONS = ["future-version", "unknown-kind", "schema", "refused"];

const showOutput = (installation: Upgraded | null) =>
  console.log(installation?.program.output.split("\n").slice(-40).join("\n"));

async function valuesIn(sql: Sql, query: string): Promise<unknown[]> {
  const { rows } = await sql.query<{ value: unknown }>(query);
  return rows.map(({ value }) => value).sort();
}

const leansOf = (matches: string, column = "lean") =>
  `SELECT DISTINCT ${column} AS value FROM dw.fact_move WHERE match_id IN (${matches})`;

/** Every `created` has the default of the build that stored it, because nothing writes the field. */
async function assertSeasons(installation: Upgraded): Promise<void> {
  const created = (await installation.rowsInLake("logs_match")).filter(({ kind }) => kind === "created");
  const seasons = new Set(created.map(({ v, season }) => `v ${v}, season ${season}`));
  assert.deepEqual([...seasons].sort(), ["v 1, season 1", "v 2, season 2"]);
}

describe("an installation whose build is replaced by one with other events", function () {
  this.timeout(TIMEOUT_MS);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-upgrade-"));
  let services: Services;
  let warehouse: Sql;
  let operational: Sql;
  let installation: Upgraded;

  before(async () => {
    services = await startServices(["kafka", "postgres"]);
    const { KAFKA_BROKERS, DATABASE_URL, WAREHOUSE_URL } = services.env;
    installation = new Upgraded(folder, {
      ...{ KAFKA_BROKERS, DATABASE_URL, WAREHOUSE_URL, KAFKA_PARTITIONS: "2", NAMESPACE: `${uniqueNamespace()}-` },
    });
    warehouse = await openSql({ variable: "WAREHOUSE_URL", url: WAREHOUSE_URL });
    operational = await openSql({ variable: "DATABASE_URL", url: DATABASE_URL });
  });
  after(async () => {
    await installation?.kill();
    await Promise.all([warehouse?.close(), operational?.close()]);
    await services?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") showOutput(installation);
  });

  /** Messages in Kafka that no sink has read, records in the outbox that no relay has sent, and a match without an end. */
  async function leaveUnread(build: Build): Promise<void> {
    await installation.start(build, "game,api,relay");
    await installation.play(build);
    await installation.untilSent();
    await installation.start(build, "game,api");
    await installation.play(build);
    await installation.killWhilePlaying(build);
  }

  it("reads everything that the older build has left, and gives added fields their columns", async () => {
    await installation.start("older", ALL);
    await installation.play("older");
    await installation.untilClean("older");
    await leaveUnread("older");
    await installation.start("newer", ALL);
    await installation.play("newer");
    await installation.untilClean("newer");
    await installation.untilResults(operational);

    assert.deepEqual(await valuesIn(warehouse, leansOf(installation.matchesOf("older"))), [3]);
    assert.deepEqual(await valuesIn(warehouse, leansOf(installation.matchesOf("newer"))), [5]);
    const devices = await valuesIn(warehouse, "SELECT DISTINCT device AS value FROM dw.fact_queue");
    assert.deepEqual(devices, ["phone", "unknown"]);
    const eitherName = "SELECT DISTINCT (harm IS NULL) <> (damage IS NULL) AS value FROM dw.fact_attack";
    assert.deepEqual(await valuesIn(warehouse, eitherName), [true]);
    await assertSeasons(installation);
    assert.doesNotMatch(installation.program.output, /rejected/);
  });

  it("rejects with a warning, or keeps, what only the newer build knows, and counts it once after the next upgrade", async () => {
    await leaveUnread("newer");
    await installation.start("older", ALL);
    await installation.play("older");
    const condition = /rejected more than 1 % of the messages of a minute \(future-version in logs_attack/;
    await installation.program.untilReported(condition, TIMEOUT_MS);
    assert.match(installation.program.output, /sink lake: rejected \d+ messages? of logs_match \(future-version\)/);

    await installation.start("newer", ALL);
    const redriveAll = async () => {
      const sent: string[] = [];
      for (const reason of REASONS) sent.push(await installation.run("newer", ["redrive", "--reason", reason]));
      return sent;
    };
    assert.match((await redriveAll())[0], /^[1-9]\d* messages with reason future-version were sent again\n$/);
    await installation.untilClean("newer");
    await installation.untilResults(operational);
    for (const text of await redriveAll()) assert.match(text, /^0 messages/);
    await installation.untilClean("newer");
    const kept = leansOf(installation.matchesOf("newer"), "COALESCE(lean, (extra->>'lean')::integer)");
    assert.deepEqual(await valuesIn(warehouse, kept), [5]);
  });

  it("rebuilds the warehouse from files of both builds", async () => {
    await installation.program.stop();
    await installation.run("newer", ["rebuild", "warehouse", "--from", "lake", "--yes"]);
    await installation.untilClean("newer");
    const newName = "SELECT DISTINCT harm IS NOT NULL AND damage IS NULL AS value FROM dw.fact_attack";
    assert.deepEqual(await valuesIn(warehouse, newName), [true]);
    assert.deepEqual(await valuesIn(warehouse, leansOf(installation.matchesOf("older"))), [3]);
    assert.deepEqual(await valuesIn(warehouse, leansOf(installation.matchesOf("newer"))), [5]);
  });
});

describe("an embedded installation whose build is replaced by one with other events", function () {
  this.timeout(TIMEOUT_MS);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-upgrade-"));
  const installation = new Upgraded(folder, {});
  let sql: Sql | null = null;
  after(async () => {
    await sql?.close();
    await installation.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") showOutput(installation);
  });

  it("reads everything that the older build has left, also after a rebuild from the lake", async () => {
    await installation.start("older", ALL);
    await installation.play("older");
    await installation.untilClean("older");
    // Its last records are in the outbox only.
    await installation.killWhilePlaying("older");
    await installation.start("newer", ALL);
    await installation.play("newer");
    await installation.untilClean("newer");
    assert.doesNotMatch(installation.program.output, /rejected/);
    await assertSeasons(installation);

    await installation.program.stop();
    await installation.run("newer", ["rebuild", "warehouse", "--from", "lake", "--yes"]);
    await installation.run("newer", ["rebuild", "results", "--from", "lake", "--yes"]);
    await installation.untilClean("newer");
    sql = await connectEmbedded(path.join(installation.dataDir, "sql"), 60_000);
    await installation.untilResults(sql);
    const newName = "SELECT DISTINCT harm IS NOT NULL AND damage IS NULL AS value FROM dw.fact_attack";
    assert.deepEqual(await valuesIn(sql, newName), [true]);
    assert.deepEqual(await valuesIn(sql, leansOf(installation.matchesOf("older"))), [3]);
    assert.deepEqual(await valuesIn(sql, leansOf(installation.matchesOf("newer"))), [5]);
  });
});
