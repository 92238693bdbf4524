/** The host of rooms and relay loses power, and with it everything that is written but not synced. Kafka is on another host. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { toText } from "../../src/pipeline/audit/AuditReport.ts";
import { Chance } from "./Chance.ts";
import { Cluster } from "./Cluster.ts";
import { Player } from "./Player.ts";
import { PowerLoss } from "./PowerLoss.ts";

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 100_000);
const LOSSES = 4;
/** Ticks that a client may see before they are synced, on a busy machine: 5 s. */
const LOST_TICKS_MAX = 100;

describe(`a host that loses power (CHAOS_SEED=${seed})`, function () {
  this.timeout(300_000);
  const folder = mkdtempSync(path.join(tmpdir(), "hypogeum-power-"));
  const chance = new Chance(seed);
  const power = new PowerLoss(folder, path.join(folder, "host"));
  let cluster: Cluster;
  let players: Player[] = [];

  before(async () => {
    const { env, nodeArgs } = power;
    cluster = await Cluster.start({ env, nodeArgs, hostDir: path.join(folder, "host") });
    players = ["duel", "squad", "ffa"].map((mode) => new Player({ url: () => cluster.game.url, game: "arena", mode }));
  });
  after(async () => {
    await Promise.all(players.map((player) => player.stop()));
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("has every synced tick exactly once, and a consistent end for every match that the host or Kafka knows", async () => {
    const { game, relay } = cluster;
    const lostAtMs: number[] = [];
    for (let loss = 0; loss < LOSSES; loss++) {
      await delay(chance.between(1500, 4000));
      lostAtMs.push(performance.now());
      await Promise.all([game.kill(), relay.kill()]);
      power.restore();
      await Promise.all([game.start(), relay.start()]);
    }
    await delay(1000);
    await Promise.all(players.map((player) => player.finish()));
    const report = await cluster.untilArrived(
      players.flatMap(({ matchesSeen }) => matchesSeen).filter(({ ended }) => ended).length,
    );
    console.log(toText(report).replace(/^/gm, "      ").trimEnd());
    assert.deepEqual(report.differences, []);
    assert.deepEqual(report.open, []);

    const ended = await cluster.ended();
    for (const { matchId, last, ended: wasEnded } of players.flatMap(({ matchesSeen }) => matchesSeen)) {
      const lost = last.tick - (ended.get(matchId)?.lastTick ?? -1);
      if (lost <= 1) continue;
      assert(
        lostAtMs.some((atMs) => Math.abs(atMs - last.atMs) < 3000),
        `${matchId} lost ${lost} ticks without a power loss`,
      );
      console.log(`      ${lost} of the ${last.tick} ticks that a client saw of ${matchId} were lost`);
      assert(lost <= LOST_TICKS_MAX && !(wasEnded && lost > LOST_TICKS_MAX));
    }
  });
});
