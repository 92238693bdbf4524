/** A run on real services, read by clients and engines that share no code with this project. */
import assert from "node:assert/strict";
import { openSql } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { checkMatches } from "../pipeline/relay/checkMatches.ts";
import { type LakeCopy, lakeOf } from "./LakeCopy.ts";
import { MOVE_TICKS, type PlayedEvent, usePlayedRun } from "./playedRun.ts";

/** The sums of `value` by `key`, sorted by key. */
function sums(
  events: readonly PlayedEvent[],
  key: (event: PlayedEvent) => string,
  value: (event: PlayedEvent) => number,
) {
  const found = new Map<string, number>();
  for (const event of events) found.set(key(event), (found.get(key(event)) ?? 0) + value(event));
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}
const one = () => 1;
const asObject = (rows: readonly Record<string, any>[]) =>
  Object.fromEntries(rows.map(({ key, value }) => [key, Number(value)]).sort(([a], [b]) => (a < b ? -1 : 1)));

describe("a run of the arena and of tag on real services", function () {
  this.timeout(240_000);
  const run = usePlayedRun();
  let lake: LakeCopy;
  let warehouse: Sql;
  before(async () => {
    const { env } = run();
    lake = await lakeOf(env);
    warehouse = await openSql({ variable: "WAREHOUSE_URL", url: env.WAREHOUSE_URL });
  });
  after(async () => {
    lake.close();
    await warehouse.close();
  });

  it("is complete: the audit finds every event exactly once in lake and warehouse", () => {
    const { report, matchesSeen } = run();
    assert.deepEqual(report.differences, []);
    assert.equal(report.matches, matchesSeen.length);
    assert.equal(report.rejected, 0);
  });

  it("is readable with kcat: key and headers, contiguous (tick, i), and an `ended` with the right counts for each match", () => {
    const { matches, repeats } = checkMatches(run().messages);
    assert.equal(repeats, 0);
    for (const { matchId, last } of run().matchesSeen) {
      const { ended, lastTick } = matches.get(matchId)!;
      assert.equal(ended!.reason, "time");
      assert.equal(lastTick, ended!.lastTick + 1);
      assert(last.tick <= lastTick);
    }
    assert.equal(matches.size, run().matchesSeen.length);
  });

  for (const topic of ["logs_move", "logs_attack", "logs_heal", "logs_death", "logs_match", "logs_input", "logs_tag"]) {
    it(`has every event of ${topic} in the lake, as DuckDB counts them by match`, async () => {
      const rows = await lake.ask(`SELECT match_id AS key, count(*) AS value FROM raw.${topic} GROUP BY 1`);
      assert.deepEqual(
        asObject(rows),
        sums(run().eventsOf(topic), ({ matchId }) => matchId, one),
      );
    });
  }

  it("has the damage of each player by weapon, and the last position of each player, in the lake", async () => {
    const damage = await lake.ask(
      "SELECT attacker || ' ' || weapon AS key, sum(damage) AS value FROM raw.logs_attack GROUP BY 1",
    );
    const attacks = run().eventsOf("logs_attack");
    assert(attacks.length > 20, "nobody fought");
    assert.deepEqual(
      asObject(damage),
      sums(
        attacks,
        ({ attacker, weapon }) => `${attacker} ${weapon}`,
        (event) => event.damage,
      ),
    );
    const last = await lake.ask(
      "SELECT match_id || ' ' || player AS key, arg_max(x, tick)::BIGINT * 65536 + arg_max(y, tick) AS value FROM raw.logs_move GROUP BY 1",
    );
    const positions: Record<string, number> = {};
    for (const { matchId, player, x, y } of run()
      .eventsOf("logs_move")
      .toSorted((a, b) => a.tick - b.tick))
      positions[`${matchId} ${player}`] = x * 65_536 + y;
    assert.deepEqual(
      asObject(last),
      Object.fromEntries(Object.entries(positions).sort(([a], [b]) => (a < b ? -1 : 1))),
    );
  });

  it("has the sums of its events in the views of the warehouse", async () => {
    const ask = async (query: string) => asObject((await warehouse.query<{ key: string; value: any }>(query)).rows);
    const [attacks, heals, deaths] = ["logs_attack", "logs_heal", "logs_death"].map((topic) => run().eventsOf(topic));
    const some = (found: Record<string, number>) =>
      Object.fromEntries(Object.entries(found).filter(([, value]) => value !== 0));

    assert.deepEqual(
      some(await ask("SELECT player AS key, sum(damage) AS value FROM dw.player_day GROUP BY 1")),
      some(
        sums(
          attacks,
          ({ attacker }) => attacker,
          (event) => event.damage,
        ),
      ),
    );
    assert.deepEqual(
      some(await ask("SELECT player AS key, sum(healing) AS value FROM dw.player_day GROUP BY 1")),
      some(
        sums(
          heals,
          ({ healer }) => healer,
          (event) => event.amount,
        ),
      ),
    );
    assert.deepEqual(
      some(await ask("SELECT player AS key, sum(deaths) AS value FROM dw.player_day GROUP BY 1")),
      sums(deaths, ({ victim }) => victim, one),
    );
    assert.deepEqual(
      await ask("SELECT weapon AS key, sum(attacks) AS value FROM dw.weapon_use GROUP BY 1 HAVING sum(attacks) > 0"),
      sums(attacks, ({ weapon }) => weapon, one),
    );
    const moves = run()
      .eventsOf("logs_move")
      .filter(({ tick }) => tick % MOVE_TICKS === 0);
    assert.deepEqual(
      await ask(
        "SELECT mode || ' ' || cell_x || ' ' || cell_y AS key, sum(samples) AS value FROM dw.position_heat_map GROUP BY 1",
      ),
      sums(moves, ({ mode, x, y }) => `${mode} ${Math.floor(x / 1024)} ${Math.floor(y / 1024)}`, one),
    );
    const games = run()
      .eventsOf("logs_match")
      .filter(({ kind }) => kind === "ended")
      .flatMap(({ mode, standings }) => standings.map(({ player }: { player: string }) => ({ mode, player })));
    assert.deepEqual(
      await ask("SELECT mode || ' ' || player AS key, sum(games) AS value FROM dw.win_rate GROUP BY 1"),
      sums(games as PlayedEvent[], ({ mode, player }) => `${mode} ${player}`, one),
    );
  });

  it("has the event of tag in a topic, a table and lake files of its own", async () => {
    const tags = run().eventsOf("logs_tag");
    assert(tags.length > 0, "nobody was caught");
    const identity = ({ matchId, tick, i, tagger, tagged, x, y }: PlayedEvent) =>
      [matchId, tick, i, tagger, tagged, x, y].join(" ");
    const columns = 'match_id::text AS "matchId", tick::text AS tick, idx AS i, tagger, tagged, x, y';
    const { rows } = await warehouse.query<PlayedEvent>(`SELECT ${columns} FROM dw.fact_tag`);
    assert.deepEqual(rows.map(identity).sort(), tags.map(identity).sort());
    const inLake = (await lake.ask(`SELECT ${columns} FROM raw.logs_tag`)) as PlayedEvent[];
    assert.deepEqual(inLake.map(identity).sort(), tags.map(identity).sort());
  });
});
