/**
 * A running installation is upgraded to a build with other declarations of events, downgraded, and upgraded again. Each time,
 * messages of the other build are unread in Kafka and in an outbox, and stored in the lake.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { listFiles } from "../../src/pipeline/sinks/lake/lakeFiles.ts";
import { type Row, readRowGroups } from "../../src/pipeline/sinks/lake/readLake.ts";
import { DirectoryStore } from "../../src/platform/objectStore/DirectoryStore.ts";
import { openSql } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { type Services, startServices, uniqueNamespace } from "../../tools/services/startServices.ts";
import { QueueGuest } from "../main/QueueGuest.ts";
import { Player, type SeenMatch } from "./Player.ts";
import { Program } from "./Program.ts";
import { Variant } from "./Variant.ts";
import { newerBuild, olderBuild } from "./variants.ts";

const RETRIES = 60;
/** The reasons for which the older build rejects messages of the newer one. */
const REASONS = ["future-version", "unknown-kind", "schema", "refused"];

describe("an installation whose build is replaced by one with other events", function () {
  this.timeout(900_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-upgrade-"));
  const dataDir = path.join(folder, "data");
  const namespace = `${uniqueNamespace()}-`;
  const objects = new DirectoryStore({ directory: path.join(dataDir, "lake", namespace), variable: "DATA_DIR" });
  const since = new Date().toISOString();
  const older = new Variant(path.join(folder, "older"), olderBuild);
  const newer = new Variant(path.join(folder, "newer"), newerBuild);
  const matches = { older: new Set<string>(), newer: new Set<string>() };
  let services: Services;
  let env: Record<string, string>;
  let warehouse: Sql;
  let operational: Sql;
  let program: Program | null = null;

  before(async () => {
    services = await startServices(["kafka", "postgres"]);
    const { KAFKA_BROKERS, DATABASE_URL, WAREHOUSE_URL } = services.env;
    env = {
      ...{ KAFKA_BROKERS, DATABASE_URL, WAREHOUSE_URL, KAFKA_PARTITIONS: "2", NAMESPACE: namespace },
      ...{ WAREHOUSE_MOVE_TICKS: "1", LAKE_FLUSH_SECONDS: "1", LOG_LEVEL: "info", TEST_MATCH_MS: "3000" },
    };
    warehouse = await openSql({ variable: "WAREHOUSE_URL", url: WAREHOUSE_URL });
    operational = await openSql({ variable: "DATABASE_URL", url: DATABASE_URL });
  });
  after(async () => {
    await program?.kill();
    await Promise.all([warehouse?.close(), operational?.close()]);
    await services?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(program?.output.split("\n").slice(-40).join("\n"));
  });

  async function start(build: Variant, roles: string): Promise<Program> {
    const given = { ...env, GAMES: build.games, ROLES: roles };
    program = await Program.start({ dataDir, env: given, start: build.start });
    return program;
  }

  /** Plays a match with bots to its end, and enters and leaves the queue. */
  async function play(of: keyof typeof matches): Promise<void> {
    const player = new Player({ url: () => program!.url, game: "arena", mode: "ffa", alone: true, matchesMax: 1 });
    await player.playing;
    for (const { matchId } of player.matchesSeen) matches[of].add(matchId);
    const guest = await QueueGuest.signIn(program!.url);
    const { room } = await guest.queue({ mode: "duel", strategy: "random" });
    await room.leave();
  }

  /** Kills the process in the middle of a match, which the next process ends as `aborted`. */
  async function killWhilePlaying(of: keyof typeof matches): Promise<void> {
    const player = new Player({ url: () => program!.url, game: "arena", mode: "ffa", alone: true, matchesMax: 1 });
    const current = async (): Promise<SeenMatch> => {
      while ((player.current?.last.tick ?? 0) < 30) await delay(50);
      return player.current!;
    };
    matches[of].add((await current()).matchId);
    // The outbox commits records within a moment.
    await delay(1000);
    await program!.kill();
    await player.stop();
  }

  /** Messages of this build in Kafka that no sink has read, and in the outbox that no relay has sent. */
  async function leaveUnread(build: Variant, of: keyof typeof matches): Promise<void> {
    await start(build, "game,api,relay");
    await play(of);
    await untilSent();
    await program!.stop();
    await start(build, "game,api");
    await play(of);
    await killWhilePlaying(of);
  }

  /** The relay has sent everything that the process has recorded. */
  async function untilSent(): Promise<void> {
    for (let idle = 0; idle < 3; ) {
      const metrics = await (await fetch(`${program!.url}/metrics`)).text();
      const oldest = Number(/^hypogeum_outbox_oldest_seconds(?:\{[^}]*\})? (\S+)$/m.exec(metrics)?.[1] ?? 1);
      idle = oldest < 2 ? idle + 1 : 0;
      await delay(500);
    }
  }

  /** Audits with the build's own command, until it finds all matches and no difference. */
  async function untilClean(build: Variant): Promise<void> {
    const expected = matches.older.size + matches.newer.size;
    for (let retries = RETRIES; ; retries--) {
      const text = await build.run(env, ["audit", "--since", since, "--data-dir", dataDir], [0, 1, 3]);
      const isComplete = text.startsWith(`${expected} matches,`) && !text.includes("not checked");
      if (isComplete && text.includes("differences: none")) return;
      if (retries === 0) assert.fail(`the audit of ${expected} matches: ${text}`);
      await delay(1000);
    }
  }

  const rowsOf = async (topic: string): Promise<Row[]> => {
    const rows: Row[] = [];
    for await (const file of listFiles(objects, topic))
      for await (const group of readRowGroups(objects, file)) rows.push(...group);
    return rows;
  };

  /** The results sink may be later than the others. */
  async function untilResults(): Promise<void> {
    const all = [...matches.older, ...matches.newer].sort();
    for (let retries = RETRIES; ; retries--) {
      const { rows } = await operational.query<{ id: string }>(
        "SELECT match_id AS id FROM results.match WHERE ended IS NOT NULL",
      );
      const stored = rows.map(({ id }) => id).sort();
      if (retries === 0) assert.deepEqual(stored, all);
      if (stored.join() === all.join()) return;
      await delay(1000);
    }
  }

  const valuesIn = async (sql: string): Promise<unknown[]> =>
    (await warehouse.query<{ value: unknown }>(sql)).rows.map(({ value }) => value);
  const idsOf = (of: keyof typeof matches) => [...matches[of]].map((id) => `'${id}'`).join(", ");

  it("reads everything that the older build has left, and gives added fields their columns", async () => {
    await start(older, "game,api,relay,sinks");
    await play("older");
    await untilClean(older);
    await program!.stop();
    await leaveUnread(older, "older");
    await start(newer, "game,api,relay,sinks");
    await play("newer");
    await untilClean(newer);
    await untilResults();

    assert.deepEqual(
      await valuesIn(`SELECT DISTINCT lean AS value FROM dw.fact_move WHERE match_id IN (${idsOf("older")})`),
      [3],
    );
    assert.deepEqual(
      await valuesIn(`SELECT DISTINCT lean AS value FROM dw.fact_move WHERE match_id IN (${idsOf("newer")})`),
      [5],
    );
    assert.deepEqual((await valuesIn("SELECT DISTINCT device AS value FROM dw.fact_queue")).sort(), [
      "phone",
      "unknown",
    ]);
    const unread = "SELECT DISTINCT (harm IS NULL) <> (damage IS NULL) AS value FROM dw.fact_attack";
    assert.deepEqual(await valuesIn(unread), [true]);
    const created = (await rowsOf("logs_match")).filter(({ kind }) => kind === "created");
    assert.deepEqual([...new Set(created.map(({ v, season }) => `${v} ${season}`))].sort(), ["1 1", "2 2"]);
    const rejected = await rejectedIn();
    assert.deepEqual(rejected, []);
  });

  it("rejects with a warning, or keeps, what only the newer build knows, and counts it once after the next upgrade", async () => {
    await program!.stop();
    await leaveUnread(newer, "newer");
    await start(older, "game,api,relay,sinks");
    await play("older");
    await program!.untilReported(
      /rejected more than 1 % of the messages of a minute \(future-version in logs_attack/,
      180_000,
    );
    assert.match(program!.output, /sink lake: rejected \d+ messages? of logs_match \(future-version\)/);
    await program!.stop();

    await start(newer, "game,api,relay,sinks");
    const sent: string[] = [];
    for (const reason of REASONS) {
      sent.push(await newer.run(env, ["redrive", "--reason", reason, "--data-dir", dataDir]));
    }
    assert.match(sent[0], /^[1-9]\d* messages with reason future-version were sent again\n$/);
    await untilClean(newer);
    await untilResults();
    for (const reason of REASONS)
      assert.match(await newer.run(env, ["redrive", "--reason", reason, "--data-dir", dataDir]), /^0 messages/);
    await untilClean(newer);
    assert.deepEqual(
      await valuesIn(
        `SELECT DISTINCT COALESCE(lean, (extra->>'lean')::integer) AS value FROM dw.fact_move WHERE match_id IN (${idsOf("newer")})`,
      ),
      [5],
    );
  });

  it("rebuilds the warehouse from files of both builds", async () => {
    await program!.stop();
    await newer.run(env, ["rebuild", "warehouse", "--from", "lake", "--yes", "--data-dir", dataDir]);
    await untilClean(newer);
    assert.deepEqual(
      await valuesIn("SELECT DISTINCT harm IS NOT NULL AND damage IS NULL AS value FROM dw.fact_attack"),
      [true],
    );
    assert.deepEqual(
      await valuesIn(`SELECT DISTINCT lean AS value FROM dw.fact_move WHERE match_id IN (${idsOf("newer")})`),
      [5],
    );
    assert.deepEqual(
      await valuesIn(`SELECT DISTINCT lean AS value FROM dw.fact_move WHERE match_id IN (${idsOf("older")})`),
      [3],
    );
  });

  /** What is in the log lines of all processes so far about rejected messages. */
  async function rejectedIn(): Promise<string[]> {
    return program!.output.split("\n").filter((line) => line.includes("rejected"));
  }
});
