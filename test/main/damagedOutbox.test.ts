/** The embedded program beside a damaged outbox, and on a file system that cannot sync directories. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { outboxRoot } from "../../src/pipeline/outbox/paths.ts";
import { Player } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";
import { Temporary } from "../pipeline/outbox/temporary.ts";
import { flip, recordOutbox, segmentFiles } from "../pipeline/salvage/recordedOutbox.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** The audit assumes that events can be as late as the lake stores them. */
const FLUSH = { LAKE_FLUSH_SECONDS: "1" };
/** Each audit takes a second or more. */
const AUDITS_MAX = 100;
const NO_DIRECTORY_SYNC = path.join(import.meta.dirname, "noDirectorySync.ts");

describe("the program", function () {
  this.timeout(600_000);
  let temporary: Temporary;
  let program: Program;

  beforeEach(() => {
    temporary = new Temporary();
  });
  afterEach(async () => {
    await program.kill();
    await temporary.end();
  });

  function command(...args: string[]): Promise<{ code: number; text: string }> {
    const env = { ...process.env, ...FLUSH, DATA_DIR: temporary.dataDir };
    const child = spawn(process.execPath, ["src/main/commands/command.ts", ...args], { cwd: root, env });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (text += bytes));
    return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, text })));
  }

  async function untilAudited(matchId: string, wanted: RegExp): Promise<{ code: number; text: string }> {
    let audited = await command("audit", matchId);
    for (let tries = 0; tries < AUDITS_MAX && !wanted.test(audited.text); tries++)
      audited = await command("audit", matchId);
    assert.match(audited.text, wanted);
    return audited;
  }

  it("starts beside a damaged outbox, warns, plays, and later stores what was intact in it, once", async () => {
    const first = await recordOutbox(temporary.dataDir, 6);
    program = await Program.start({ dataDir: temporary.dataDir, env: FLUSH });
    assert.match((await untilAudited(first.ended, /differences: none/)).text, /^1 matches/);
    await program.stop();
    const damaged = await recordOutbox(temporary.dataDir, 160);
    assert.equal(damaged.directory, first.directory);
    flip(segmentFiles(damaged.directory).at(-2)!, 100);

    await program.start();
    assert.match(program.output, /outbox [0-9a-f]{16}: \d+\.seg is damaged at byte \d+; .*npm run outbox -- salvage/);
    assert.equal(readdirSync(outboxRoot(temporary.dataDir)).length, 2);
    await program.untilReported(/outbox [0-9a-f]{16}: \d+\.seg is damaged .*npm run outbox -- salvage/);
    assert.equal((await program.readiness())?.ready, true);
    const player = new Player({ url: () => program.url, game: "arena", mode: "duel" });
    await player.finish();

    const checked = await command("outbox", "check", damaged.directory);
    assert.equal(checked.code, 1, checked.text);
    const salvaged = await command("outbox", "salvage", damaged.directory);
    assert.equal(salvaged.code, 0, salvaged.text);
    assert.match(salvaged.text, /is lost|are lost/);
    await program.untilHealthy();
    const audited = await untilAudited(damaged.ended, /the ended event counts/);
    assert.equal(audited.code, 1);
    assert.doesNotMatch(audited.text, /stored twice|ended events|warehouse /);
    const aborted = await untilAudited(damaged.open, /matches, .*\n/);
    assert.doesNotMatch(aborted.text, /has no ended event|stored twice/);
    assert.equal((await command("audit", first.ended)).code, 0);
  });

  it("starts with a warning on a file system that cannot sync directories", async () => {
    program = await Program.start({
      dataDir: temporary.dataDir,
      env: {},
      nodeArgs: ["--import", NO_DIRECTORY_SYNC],
    });
    assert.match(program.output, /DATA_DIR: its file system does not support fsync of directories/);
    await program.untilReported(/DATA_DIR: its file system does not support fsync of directories/);
    assert.equal((await program.readiness())?.ready, true);
  });
});
