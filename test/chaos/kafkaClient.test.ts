/** The second Kafka client while the broker and the processes that use it are killed; afterwards every event is stored exactly once. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { toText } from "../../src/pipeline/audit/AuditReport.ts";
import { Chance } from "./Chance.ts";
import { Cluster } from "./Cluster.ts";
import { faults } from "./faults.ts";
import { Player } from "./Player.ts";

const seed = Number(process.env.CHAOS_SEED ?? Date.now() % 100_000);
const FAULTS = [
  "the relay killed",
  "the broker killed",
  "the first sinks killed",
  "the first sinks paused",
  "the second sinks killed",
];

describe(`KAFKA_CLIENT=platformatic while brokers and consumers are killed (CHAOS_SEED=${seed})`, function () {
  this.timeout(900_000);
  const chance = new Chance(seed);
  let cluster: Cluster;
  let players: Player[] = [];

  before(async () => {
    cluster = await Cluster.start({ env: { KAFKA_CLIENT: "platformatic" } });
    const modes = [
      { game: "arena", mode: "duel" },
      { game: "tag", mode: "crowd" },
    ];
    players = modes.map((played) => new Player({ url: () => cluster.game.url, ...played }));
  });
  after(async () => {
    await Promise.all(players.map((player) => player.stop()));
    await cluster.stop();
  });

  it("loses no event and stores none twice", async () => {
    for (const name of chance.shuffled(FAULTS)) {
      await delay(chance.between(500, 3000));
      console.log(`      ${name}`);
      await faults[name](cluster, chance);
    }
    await delay(2000);
    await Promise.all(players.map((player) => player.finish()));
    const ended = players.flatMap((player) => player.matchesSeen).filter((match) => match.ended);
    const report = await cluster.untilArrived(ended.length);
    console.log(toText(report).replace(/^/gm, "      ").trimEnd());
    assert(ended.length > 5, "too few matches were played to their end");
    assert.deepEqual(report.differences, []);
    assert.deepEqual(report.open, []);
    assert.equal(report.rejected, 0);
    const stored = await cluster.ended();
    for (const { matchId } of ended) assert(stored.has(matchId), `match ${matchId} is not in the warehouse`);
  });
});
