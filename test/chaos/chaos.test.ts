/** Matches go on while everything around them, and they themselves, are killed; afterwards every event is there once. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { AuditReport } from "../../src/pipeline/audit/AuditReport.ts";
import { toText } from "../../src/pipeline/audit/AuditReport.ts";
import { Chance } from "./Chance.ts";
import { Cluster } from "./Cluster.ts";
import { faults } from "./faults.ts";
import { Player } from "./Player.ts";

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 100_000);
/** What may be appended and not yet on the disk when a process dies, on a busy machine: 5 s of ticks. */
const LOST_TICKS_MAX = 100;
const PLAYED = [
  { game: "arena", mode: "duel" },
  { game: "arena", mode: "squad" },
  { game: "arena", mode: "ffa" },
  { game: "tag", mode: "crowd" },
];

describe(`matches among dying processes and services (CHAOS_SEED=${seed})`, function () {
  this.timeout(400_000);
  const chance = new Chance(seed);
  let cluster: Cluster;
  let players: Player[] = [];
  let report: AuditReport;
  const killedAtMs: number[] = [];

  before(async () => {
    cluster = await Cluster.start();
    players = PLAYED.map((played) => new Player({ url: () => cluster.game.url, ...played }));
  });
  after(async () => {
    await Promise.all(players.map((player) => player.stop()));
    await cluster.stop();
  });

  const seen = () => players.flatMap((player) => player.seen);

  it("are played all the while, and every one of them arrives", async () => {
    for (const [name, fault] of chance.shuffled(Object.entries(faults))) {
      await delay(chance.between(500, 3000));
      console.log(`      ${name}, after ${seen().length} matches`);
      if (name.startsWith("the game")) killedAtMs.push(performance.now());
      await fault(cluster, chance);
    }
    await delay(2000);
    await Promise.all(players.map((player) => player.finish()));
    report = await cluster.untilArrived(seen().filter(({ ended }) => ended).length);
    assert(seen().filter(({ ended }) => ended).length > 10, "hardly a match was played to its end");
  });

  it("leave every event of every finished tick once in the lake and in the warehouse, and an ended that agrees", () => {
    console.log(toText(report).replace(/^/gm, "      ").trimEnd());
    assert.deepEqual(report.differences, []);
    assert.deepEqual(report.open, []);
    assert.equal(report.rejected, 0);
  });

  it("lose nothing that a client saw, but for what was not yet committed when the game process was killed", async () => {
    const ended = await cluster.ended();
    for (const { matchId, game, last, ended: wasEnded } of seen()) {
      const lost = last.tick - (ended.get(matchId)?.lastTick ?? -1);
      if (wasEnded || !diedThen(last.atMs)) {
        assert(ended.has(matchId), `${game} match ${matchId} is not in the warehouse`);
        // The state of the last tick may come after its ended, which is one tick later.
        assert(
          lost <= 1,
          `${game} match ${matchId}: a client saw tick ${last.tick}, the warehouse ends ${lost} before`,
        );
        continue;
      }
      console.log(
        `      killed at tick ${last.tick} as a client saw it: ${Math.max(0, lost)} ticks lost of ${matchId}`,
      );
      assert(lost <= LOST_TICKS_MAX);
      if (ended.has(matchId)) assert.equal(ended.get(matchId)!.reason, "aborted");
    }
  });

  /** Whether a client's last word of a match is from when a game process was killed. */
  function diedThen(atMs: number): boolean {
    return killedAtMs.some((killedMs) => Math.abs(killedMs - atMs) < 3000);
  }
});
