/** What an installation that needs nothing else has stored when it has stopped. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { connectEmbedded } from "../../src/platform/sql/openSql.ts";
import { auditUntilArrived } from "../chaos/auditRun.ts";
import { guest } from "../chaos/Player.ts";
import { Program } from "../chaos/Program.ts";

const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");

describe("a program with the embedded database and log, after a graceful stop", function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-last-"));
  let program: Program | null = null;
  after(async () => {
    await program?.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("has stored the last events of the matches that it ended, in warehouse and lake", async () => {
    const sinceMs = Date.now();
    const env = { GAMES, TEST_MATCH_MS: "3600000", DRAIN_SECONDS: "1" };
    program = await Program.start({ dataDir, env });
    const room = await (await guest(program.url)).create<any>("arena", { mode: "duel" });
    room.reconnection.enabled = false;
    room.onMessage("facts" as never, () => {});
    await new Promise<void>((resolve) => room.onStateChange(({ phase }) => phase === "playing" && resolve()));
    program.signal("SIGTERM");
    assert.equal(await program.ended, 0, program.output);

    const warehouse = await connectEmbedded(path.join(dataDir, "sql"), 60_000);
    try {
      const { rows } = await warehouse.query("SELECT match_id FROM dw.dim_match WHERE ended_at IS NOT NULL");
      assert.equal(rows.length, 1);
      const report = await auditUntilArrived({ env: {}, directory: path.join(dataDir, "lake"), warehouse, sinceMs });
      assert.deepEqual([report.matches, report.open, report.differences], [1, [], []]);
    } finally {
      await warehouse.close();
    }
  });
});
