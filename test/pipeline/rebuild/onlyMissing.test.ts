/** Messages that the log had deleted before a sink read them: they are reported, and stored from the lake. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { clearOffsets } from "../../../src/pipeline/rebuild/clearTables.ts";
import { rebuildCommand } from "../../../src/pipeline/rebuild/rebuildCommand.ts";
import type { MatchResults } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { resultsSink } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import { SkippedOffsets } from "../../../src/pipeline/sinks/SkippedOffsets.ts";
import { DirectoryStore } from "../../../src/platform/objectStore/DirectoryStore.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { embeddedServer, type SqlServer } from "../../platform/sql/servers.ts";
import { catalogue, filesIn, type LakeLog, lake, logOf } from "../sinks/lakeUnderTest.ts";
import { NOON_MS, playMatch, uuidV7 } from "../sinks/matches.ts";
import { MemoryRejects } from "../sinks/warehouseUnderTest.ts";

const ids = [1, 2, 3].map((number) => uuidV7(NOON_MS, number));
/** Three matches, each from `created` to `ended`, one tick after another. */
const played = [1, 2, 3].flatMap((number) =>
  playMatch({ number, mode: "duel" }).map((one) => ({ ...one, tick: one.tick + 7 * number })),
);

const counting: MatchResults = {
  lock: async () => {},
  async apply(tx, matches) {
    for (const { matchId } of matches)
      await tx.query(
        "INSERT INTO handed AS h VALUES ($1, 1) ON CONFLICT (match_id) DO UPDATE SET times = h.times + 1",
        [matchId],
      );
    return [];
  },
};

describe("messages that the log had deleted before the results sink read them", function () {
  this.timeout(240_000);
  let server: SqlServer;
  let sql: Sql;
  let folder: string;
  let objects: DirectoryStore;
  let log: LakeLog;
  const reported: (string | null)[] = [];

  before(async () => {
    server = await embeddedServer();
    sql = server.open();
    await sql.query("CREATE TABLE handed (match_id text PRIMARY KEY, times integer)");
  });
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "hypogeum-missing-"));
    objects = new DirectoryStore({ directory: folder, variable: "DATA_DIR" });
    log = logOf("logs_match", played);
    await sql.query("DROP SCHEMA IF EXISTS results CASCADE");
    await sql.query("TRUNCATE handed");
    reported.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  after(async () => {
    await sql.close();
    await server.stop();
  });

  const results = (offsetsName?: string) =>
    resultsSink({
      ...{ sql, catalogue, rejects: new MemoryRejects(), results: counting, onCommitted() {}, warn() {}, offsetsName },
      reportMissing: (line) => void reported.push(line),
    });
  const handed = async () =>
    (await sql.query<{ match_id: string; times: number }>("SELECT * FROM handed ORDER BY 1")).rows;

  async function run(...args: string[]): Promise<{ code: number; text: string }> {
    let text = "";
    const write = (more: string) => void (text += more);
    const skipped = new SkippedOffsets(sql, "results", "results");
    const missing = {
      sink: results("results missing"),
      ranges: () => skipped.read(),
      remove: (range: Parameters<typeof skipped.remove>[0]) => skipped.remove(range),
      clearOffsets: () => clearOffsets(sql, "results", "results missing"),
    };
    const sinks = [{ sink: results(), missing, clears: "", clear: () => assert.fail("nothing may be deleted") }];
    const terminal = { out: write, err: write };
    const code = await rebuildCommand(["results", ...args], { sinks, objects, catalogue, log: null }, terminal);
    return { code, text };
  }

  /** The sink stores all messages but those from the second one up to `to`, which the log no longer has. */
  async function skipTo(to: number): Promise<ReturnType<typeof results>["handler"]> {
    await log.deliver(results().handler, () => 1, 1);
    const { handler } = results();
    const stored = await log.assign(handler);
    assert.equal(stored, 1n);
    handler.onSkipped("logs_match", 0, 1n, BigInt(to));
    await handler.apply(log.batch(to, log.end));
    await handler.onIdle!();
    return handler;
  }

  it("are reported until they are stored from the lake, each match once, while the sink continues", async () => {
    await log.deliverAll(lake(objects), () => 2);
    const handler = await skipTo(log.end - 1);
    assert.deepEqual(await handed(), []);
    assert.match(
      reported.at(-1)!,
      /^sink results: the log had deleted messages before they were stored \(offsets 1 to \d+ of logs_match\[0\]\): .* `npm run rebuild -- results --from lake --only-missing --yes`/,
    );
    const restarted = results().handler;
    await log.assign(restarted);
    await restarted.onIdle!();
    assert.equal(reported.at(-1), reported.at(-2), "a restart does not forget it");

    const asked = await run("--from", "lake", "--only-missing");
    assert.equal(asked.code, 2);
    assert.match(asked.text, /missing: offsets 1 to \d+ of logs_match\[0\]\nRepeat the command with --yes/);
    assert.deepEqual(await handed(), []);
    const done = await run("--from", "lake", "--only-missing", "--yes");
    assert.equal(done.code, 0, done.text);
    assert.deepEqual(
      await handed(),
      ids.map((match_id) => ({ match_id, times: 1 })),
    );
    await handler.onIdle!();
    assert.equal(reported.at(-1), null);
    assert.equal(await log.assign(results().handler), BigInt(log.end));
    const { rows } = await sql.query("SELECT DISTINCT sink FROM results.sink_offsets");
    assert.deepEqual(rows, [{ sink: "results" }]);
    assert.match((await run("--from", "lake", "--only-missing", "--yes")).text, /lacks no messages/);
  });

  it("are reported and stored without any later message", async () => {
    await log.deliverAll(lake(objects), () => 2);
    await log.deliver(results().handler, () => 1, 1);
    const { handler } = results();
    await log.assign(handler);
    handler.onSkipped("logs_match", 0, 1n, BigInt(log.end));
    await handler.onIdle!();
    assert.match(reported.at(-1)!, /offsets 1 to \d+ of logs_match\[0\]/);
    assert.equal((await run("--from", "lake", "--only-missing", "--yes")).code, 0);
    assert.equal((await handed()).length, 3);
    await handler.onIdle!();
    assert.equal(reported.at(-1), null);
    assert.equal(await log.assign(results().handler), BigInt(log.end));
  });

  it("are reported if the database was restored to a time before it had stored anything", async () => {
    const { handler } = results();
    await log.deliver(handler);
    await sql.query("UPDATE results.sink_offsets SET next_offset = NULL");
    await log.revoke(handler);
    assert.equal(await log.assign(results().handler), null);
    assert.equal(await log.assign(handler), 0n);
    handler.onSkipped("logs_match", 0, 0n, BigInt(log.end));
    await handler.onIdle!();
    assert.match(reported.at(-1)!, /offsets 0 to \d+ of logs_match\[0\]/);
    assert.equal(await log.assign(handler), BigInt(log.end));
  });

  it("are reported as lost if the lake does not have them either", async () => {
    await log.deliverAll(lake(objects, { fileBytesMax: 1 }), () => 1);
    const [, second] = await filesIn(objects, "logs_match");
    await objects.remove(second.file.key);
    await skipTo(log.end - 1);
    const done = await run("--from", "lake", "--only-missing", "--yes");
    assert.equal(done.code, 1);
    assert.match(
      done.text,
      /lost: offsets 1 to \d+ of logs_match\[0\]: the lake does not contain these messages, or not all of them/,
    );
  });
});
