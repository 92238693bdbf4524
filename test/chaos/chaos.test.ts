/** Matches are played while game processes and all services are killed; afterwards every event is stored exactly once. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { AuditReport } from "../../src/pipeline/audit/AuditReport.ts";
import { toText } from "../../src/pipeline/audit/AuditReport.ts";
import { Chance } from "./Chance.ts";
import { Cluster } from "./Cluster.ts";
import { faults } from "./faults.ts";
import { Player } from "./Player.ts";

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 100_000);
/** Ticks that may be appended but not yet on disk when a process dies, on a busy machine: 5 s. */
const LOST_TICKS_MAX = 100;
const PLAYED_MODES = [
  { game: "arena", mode: "duel" },
  { game: "arena", mode: "squad" },
  { game: "arena", mode: "ffa" },
  { game: "tag", mode: "crowd" },
];

describe(`matches while processes and services are killed (CHAOS_SEED=${seed})`, function () {
  this.timeout(400_000);
  const chance = new Chance(seed);
  let cluster: Cluster;
  let players: Player[] = [];
  let report: AuditReport;
  const killedAtMs: number[] = [];

  before(async () => {
    cluster = await Cluster.start();
    players = PLAYED_MODES.map((played) => new Player({ url: () => cluster.game.url, ...played }));
  });
  after(async () => {
    await Promise.all(players.map((player) => player.stop()));
    await cluster.stop();
  });

  const matchesSeen = () => players.flatMap((player) => player.matchesSeen);

  it("are played to their end, and every finished match reaches the warehouse and the lake", async () => {
    for (const [name, fault] of chance.shuffled(Object.entries(faults))) {
      await delay(chance.between(500, 3000));
      console.log(`      ${name}, after ${matchesSeen().length} matches`);
      if (name.startsWith("the game")) killedAtMs.push(performance.now());
      await fault(cluster, chance);
    }
    await delay(2000);
    await Promise.all(players.map((player) => player.finish()));
    report = await cluster.untilArrived(matchesSeen().filter(({ ended }) => ended).length);
    assert(matchesSeen().filter(({ ended }) => ended).length > 10, "too few matches were played to their end");
  });

  it("have every event of every finished tick exactly once in the lake and in the warehouse, and a consistent `ended`", () => {
    console.log(toText(report).replace(/^/gm, "      ").trimEnd());
    assert.deepEqual(report.differences, []);
    assert.deepEqual(report.open, []);
    assert.equal(report.rejected, 0);
  });

  it("lose nothing that a client saw, except ticks that were not committed when the game process was killed", async () => {
    const ended = await cluster.ended();
    for (const { matchId, game, last, ended: wasEnded } of matchesSeen()) {
      const lost = last.tick - (ended.get(matchId)?.lastTick ?? -1);
      if (wasEnded || !isNearKill(last.atMs)) {
        assert(ended.has(matchId), `${game} match ${matchId} is not in the warehouse`);
        // The last state may have the tick of `ended`, which is one after the last step.
        assert(
          lost <= 1,
          `${game} match ${matchId}: a client saw tick ${last.tick}, the warehouse ends ${lost} ticks before`,
        );
        continue;
      }
      console.log(`      ${matchId}, killed when a client saw tick ${last.tick}: ${Math.max(0, lost)} ticks lost`);
      assert(lost <= LOST_TICKS_MAX);
      if (ended.has(matchId)) assert.equal(ended.get(matchId)!.reason, "aborted");
    }
  });

  /** Whether a client received its last state of a match within 3 s of the death of a game process. */
  function isNearKill(atMs: number): boolean {
    return killedAtMs.some((killedMs) => Math.abs(killedMs - atMs) < 3000);
  }
});
