/** What works, and what is reported, while services are unavailable: the second table of docs/guarantees.md, cell by cell. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { ServiceName } from "../../tools/services/serviceNames.ts";
import { Cluster } from "./Cluster.ts";
import { guest, Player, type SeenMatch } from "./Player.ts";
import type { Program } from "./Program.ts";

const OUTAGE_MS = 20_000;
const TICK_MS = 50;
const WITHIN_MS = 30_000;

interface Outage {
  readonly service: ServiceName;
  /** Joining fails without Redis, which stores the process that hosts each room. */
  readonly joining: "works" | "fails";
  /** What `/readyz` reports, by process. A process that is not listed stays ready; null: only once it needs the service. */
  readonly reported: Partial<Record<"game" | "relay" | "sinks", RegExp | null>>;
}

const outages: readonly Outage[] = [
  { service: "kafka", joining: "works", reported: { relay: /^KAFKA_BROKERS: /, sinks: /^KAFKA_BROKERS: / } },
  { service: "postgres", joining: "works", reported: { game: /^DATABASE_URL: /, sinks: /(DATABASE|WAREHOUSE)_URL: / } },
  { service: "redis", joining: "fails", reported: { game: /^REDIS_URL: /, sinks: /REDIS_URL: / } },
  { service: "s3", joining: "works", reported: { sinks: /S3_ENDPOINT/ } },
];

describe("the program in several processes", function () {
  this.timeout(240_000);
  let cluster: Cluster;
  const players: Player[] = [];

  before(async () => {
    cluster = await Cluster.start({ env: { TEST_MATCH_MS: "600000" } });
    for (const mode of ["duel", "squad", "ffa"])
      players.push(new Player({ url: () => cluster.game.url, game: "arena", mode }));
    await until(() => players.every(({ current }) => (current?.last.tick ?? 0) > 20), "matches are played");
  });
  afterEach(function () {
    const fatal = cluster.game.output.split("\n").filter((line) => line.includes('"level":60'));
    if (this.currentTest?.state === "failed") console.log(fatal.join("\n"));
  });
  after(async () => {
    await Promise.all(players.map((player) => player.stop()));
    await cluster.stop();
  });

  const matches = (): SeenMatch[] => players.map(({ current }) => current!);
  const processes = (): Record<"game" | "relay" | "sinks", Program> => {
    const { game, relay, sinks } = cluster;
    return { game, relay, sinks: sinks[0] };
  };

  it("runs the full number of ticks in every room without Kafka, PostgreSQL and S3, and everything arrives afterwards", async () => {
    const { services } = cluster;
    const all = ["kafka", "postgres", "s3"] as const;
    await Promise.all(all.map((name) => services.kill(name)));
    const ids = matches().map(({ matchId }) => matchId);
    const [from, to] = [new Date(), new Date(Date.now() + OUTAGE_MS)];
    await delay(OUTAGE_MS);
    await Promise.all(all.map((name) => services.restart(name)));
    assert.deepEqual(
      matches().map(({ matchId }) => matchId),
      ids,
      "a match was interrupted",
    );
    await untilArrived(matches().map(({ matchId, last }) => [matchId, last.tick]));
    for (const matchId of ids) {
      // The times are the server's times of the steps, from the last move before the outage to the first one after it.
      const { rows } = await cluster.warehouse.query<{ ticks: bigint; ms: string }>(
        `SELECT max(tick) - min(tick) AS ticks, extract(epoch FROM max(at) - min(at)) * 1000 AS ms
         FROM dw.fact_move WHERE match_id = $1
         AND at >= (SELECT max(at) FROM dw.fact_move WHERE match_id = $1 AND at <= $2)
         AND at <= (SELECT min(at) FROM dw.fact_move WHERE match_id = $1 AND at >= $3)`,
        [matchId, from, to],
      );
      const { ticks, ms } = rows[0];
      const due = Number(ms) / TICK_MS;
      console.log(`      ${ticks} ticks, ${due.toFixed(1)} were due`);
      assert(Math.abs(Number(ticks) - due) <= 0.01 * due);
      assert(Number(ms) >= OUTAGE_MS);
    }
  });

  for (const { service, joining, reported } of outages) {
    describe(`when ${service} is unavailable`, () => {
      before(() => cluster.services.kill(service));

      it("lets running matches continue", async () => {
        const before = matches().map(({ matchId, last }) => ({ matchId, tick: last.tick }));
        await delay(1000);
        for (const [at, { matchId, tick }] of before.entries()) {
          assert.equal(matches()[at].matchId, matchId);
          assert(matches()[at].last.tick - tick >= 10);
        }
      });

      it(`lets guests sign in; joining ${joining}`, async () => {
        const client = await guest(cluster.game.url);
        const join = async () => {
          const room = await client.create<any>("arena", { mode: "duel" });
          room.onMessage("facts", () => {});
          await new Promise<void>((resolve) => room.onStateChange.once(() => resolve()));
          await room.leave();
        };
        if (joining === "works") await join();
        else await assert.rejects(join());
      });

      it("serves HTTP, and /readyz names the variable in each process that needs the service", async () => {
        for (const [name, program] of Object.entries(processes()) as ["game" | "relay" | "sinks", Program][]) {
          assert.equal((await fetch(`${program.url}/healthz`)).status, 200);
          const wanted = reported[name];
          if (wanted === null) continue;
          if (wanted === undefined) assert.deepEqual(await program.reported(), [], name);
          else await program.untilReported(wanted);
        }
      });

      it("is ready again, and everything arrives, once the service is back", async () => {
        await cluster.services.restart(service);
        const all = Object.values(processes());
        await Promise.all(all.map((each) => each.untilHealthy()));
        await untilArrived(matches().map(({ matchId, last }) => [matchId, last.tick]));
      });
    });
  }

  describe("after all outages", () => {
    it("has lost nothing", async () => {
      await Promise.all(players.map((player) => player.stop()));
      const report = await cluster.untilArrived(players.length);
      assert.deepEqual(report.differences, []);
      assert.deepEqual(report.open, []);
    });
  });

  /** Resolves when the warehouse has moves of each match up to its tick; some player always moves. */
  async function untilArrived(ticks: readonly (readonly [matchId: string, tick: number])[]): Promise<void> {
    await until(async () => {
      const { rows } = await cluster.warehouse
        .query<{ match_id: string; tick: bigint }>("SELECT match_id, max(tick) AS tick FROM dw.fact_move GROUP BY 1")
        // There is no table before the first event.
        .catch(() => ({ rows: [] }));
      const arrived = new Map(rows.map(({ match_id, tick }) => [match_id, Number(tick)]));
      return ticks.every(([matchId, tick]) => (arrived.get(matchId) ?? 0) >= tick - 20);
    }, "the ticks of the outage are in the warehouse");
  }
});

async function until(isDone: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await isDone())) {
    if (performance.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${what}`);
    await delay(200);
  }
}
