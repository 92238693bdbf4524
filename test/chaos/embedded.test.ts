/** The embedded program, which has only its data directory, while its process is killed repeatedly. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connectEmbedded } from "../../src/platform/sql/openSql.ts";
import { auditUntilArrived } from "./auditRun.ts";
import { Chance } from "./Chance.ts";
import { Player } from "./Player.ts";
import { Program } from "./Program.ts";

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 100_000);
const KILLS = 3;
const LOST_TICKS_MAX = 100;
const GAMES = path.join(import.meta.dirname, "games.ts");

describe(`the embedded program, killed repeatedly (CHAOS_SEED=${seed})`, function () {
  this.timeout(240_000);
  const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-alone-"));
  const chance = new Chance(seed);
  const sinceMs = Date.now();
  let program: Program;
  let players: Player[] = [];

  before(async () => {
    const env = { GAMES, WAREHOUSE_MOVE_TICKS: "1", LAKE_FLUSH_SECONDS: "1", LOG_LEVEL: "warn" };
    program = await Program.start({ dataDir, env });
    players = [
      new Player({ url: () => program.url, game: "arena", mode: "squad" }),
      new Player({ url: () => program.url, game: "tag", mode: "crowd" }),
    ];
  });
  after(async () => {
    await Promise.all(players.map((player) => player.stop()));
    await program.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it("has every committed event exactly once in the embedded warehouse and in the directory of the lake", async () => {
    const killedAtMs: number[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      await delay(chance.between(2000, 5000));
      killedAtMs.push(performance.now());
      await program.kill();
      await program.start();
    }
    await delay(2000);
    await Promise.all(players.map((player) => player.finish()));

    // While the program runs: its sinks may still have much to store on a slow machine.
    const warehouse = await connectEmbedded(path.join(dataDir, "sql"), 60_000);
    try {
      const report = await auditUntilArrived({ env: {}, directory: path.join(dataDir, "lake"), warehouse, sinceMs });
      assert.deepEqual(report.differences, []);
      assert.deepEqual(report.open, []);
      const { rows } = await warehouse.query<{ match_id: string; last_tick: bigint }>(
        "SELECT match_id, last_tick FROM dw.dim_match WHERE ended_at IS NOT NULL",
      );
      const lastTicks = new Map(rows.map(({ match_id, last_tick }) => [match_id, Number(last_tick)]));
      for (const { matchId, last } of players.flatMap(({ matchesSeen }) => matchesSeen)) {
        const lost = last.tick - (lastTicks.get(matchId) ?? -1);
        if (lost <= 1) continue;
        assert(
          killedAtMs.some((atMs) => Math.abs(atMs - last.atMs) < 3000),
          `${matchId} lost ${lost} ticks without a kill`,
        );
        console.log(`      ${lost} of the ${last.tick} ticks that a client saw of ${matchId} were lost`);
        assert(lost <= LOST_TICKS_MAX);
      }
    } finally {
      await warehouse.close();
    }
    await program.stop();
  });
});
