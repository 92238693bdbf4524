import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { views } from "../../../src/pipeline/sinks/warehouse/views.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { DAY_MS, type MatchMessage, NOON_MS, playMatch, queueMessage, tickMessage, uuidV7 } from "./matches.ts";
import { MOVE_TICKS, warehouse } from "./warehouseUnderTest.ts";

/** Of all matches in these tests. */
const GAME = "arena";
const played = [
  playMatch({ number: 1, mode: "duel" }),
  playMatch({ number: 2, mode: "ffa", ticks: 90 }),
  playMatch({ number: 3, mode: "ffa", createdAt: NOON_MS - DAY_MS, ticks: 70 }),
  playMatch({ number: 4, mode: "duel", reason: "aborted" }),
  playMatch({ number: 5, mode: "duel" }),
].flat();
const queued = Array.from({ length: 40 }, (_, at) => {
  const kind = at % 2 === 0 ? "matched" : "entered";
  return { id: uuidV7(NOON_MS + at, at), at: NOON_MS + at, kind, player: `p${at % 3}`, waitMs: (at * 7919) % 1000 };
});

/** Events of a topic as they were sent, with the day and mode of their match. */
const eventsOf = (topic: string, chosen: (message: MatchMessage) => boolean = () => true): Record<string, any>[] =>
  played
    .filter((message) => message.topic === topic && chosen(message))
    .flatMap(({ matchId, mode, events }) => {
      const day = new Date(Number.parseInt(matchId.slice(0, 8) + matchId.slice(9, 13), 16)).toISOString().slice(0, 10);
      return events.map((event) => ({ ...event, day, mode, matchId }));
    });

/** Sums by key. */
class Sums {
  readonly rows = new Map<string, Record<string, number>>();
  add(key: string, values: Record<string, number>): void {
    const row = this.rows.get(key) ?? {};
    for (const [name, value] of Object.entries(values)) row[name] = (row[name] ?? 0) + value;
    this.rows.set(key, row);
  }
}

const ratio = (part = 0, whole = 0) => (whole === 0 ? null : Math.round((part / whole) * 10_000) / 10_000);

/** The version of each view, and the hash of its query. */
const VERSIONS: Readonly<Record<string, string>> = {
  player_day: "1 40a309e7523dcce0",
  weapon_use: "1 cde2091b3f9c940b",
  win_rate: "2 a4bf038321c948ba",
  position_heat_map: "2 c9b6eec9debadaaf",
  waiting_times: "2 0f12ae6c618f2395",
  player_active_day: "1 c6f53ca021b74311",
  daily_active_players: "1 bc33f8cf4e808421",
  monthly_active_players: "1 c96c10fa9aa24bfb",
  retention: "1 d0ba95f621b93f9b",
  session_length: "1 0cc8189a55156b60",
  rating_history: "1 5e1443fe6c25c7d3",
  player_actions: "1 9acf21323126e677",
};

describe("the queries of the warehouse's views", () => {
  it("have another version if they change: raise `version`, and replace the line here", () => {
    const hashOf = (query: string) => createHash("sha256").update(query).digest("hex").slice(0, 16);
    const now = views.map(({ name, version, query }) => [name, `${version} ${hashOf(query)}`]);
    assert.deepEqual(Object.fromEntries(now), VERSIONS);
  });
});

for (const [name, start] of sqlServers) {
  describe(`the views of the warehouse on ${name} agree with the events`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("warehouse");
      sql = server.open();
      const feed = new Feed();
      for (const message of played) feed.add(0, tickMessage(message));
      for (const event of queued) feed.add(0, queueMessage(event));
      await feed.deliverAll(warehouse(sql));
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    /** Rows of a view by the key columns, numbers as numbers. */
    async function view(named: string, keys: readonly string[]): Promise<Map<string, Record<string, number | null>>> {
      const { rows } = await sql.query<Record<string, unknown>>(`SELECT * FROM dw.${named}`);
      const entries = rows.map((row) => {
        const values = Object.entries(row).filter(([column]) => !keys.includes(column));
        const numbers = values.map(([column, value]) => [column, value === null ? null : Number(value)]);
        return [keys.map((key) => row[key]).join(" "), Object.fromEntries(numbers)] as const;
      });
      assert.equal(new Set(entries.map(([key]) => key)).size, rows.length, "each key occurs once");
      return new Map(entries);
    }
    const sorted = <T>(map: ReadonlyMap<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));

    it("player_day: damage, healing, accuracy, kills and deaths by player and day", async () => {
      const sums = new Sums();
      const zero = { damage: 0, healing: 0, attacks: 0, hits: 0, kills: 0, deaths: 0 };
      for (const { day, attacker, target, damage } of eventsOf("logs_attack"))
        sums.add(`${day} ${attacker}`, { ...zero, damage, attacks: 1, hits: target === null ? 0 : 1 });
      for (const { day, healer, amount } of eventsOf("logs_heal"))
        sums.add(`${day} ${healer}`, { ...zero, healing: amount });
      for (const { day, victim, killer } of eventsOf("logs_death")) {
        if (killer !== victim) sums.add(`${day} ${killer}`, { ...zero, kills: 1 });
        sums.add(`${day} ${victim}`, { ...zero, deaths: 1 });
      }
      const expected = sorted(sums.rows).map(([key, row]) => [key, { ...row, accuracy: ratio(row.hits, row.attacks) }]);
      assert.deepEqual(sorted(await view("player_day", ["event_date", "player"])), expected);
    });

    it("weapon_use", async () => {
      const sums = new Sums();
      const zero = { attacks: 0, hits: 0, damage: 0, kills: 0 };
      for (const { day, weapon, target, damage } of eventsOf("logs_attack"))
        sums.add(`${day} ${weapon}`, { ...zero, attacks: 1, hits: target === null ? 0 : 1, damage });
      for (const { day, weapon } of eventsOf("logs_death")) sums.add(`${day} ${weapon}`, { ...zero, kills: 1 });
      const expected = sorted(sums.rows).map(([key, row]) => [key, { ...row, accuracy: ratio(row.hits, row.attacks) }]);
      assert.deepEqual(sorted(await view("weapon_use", ["event_date", "weapon"])), expected);
    });

    it("win_rate by mode: leavers lose, aborted matches do not count", async () => {
      const sums = new Sums();
      const ended = eventsOf("logs_match").filter(({ kind, reason }) => kind === "ended" && reason !== "aborted");
      for (const { mode, standings } of ended) {
        const shared = standings.every((standing: any) => standing.place === 1);
        for (const { player, bot, place, left } of standings) {
          const first = place === 1 && !left;
          const wins = first && !shared ? 1 : 0;
          const draws = first && shared ? 1 : 0;
          sums.add(`${GAME} ${mode} ${player} ${bot}`, { games: 1, wins, draws, losses: 1 - wins - draws });
        }
      }
      const expected = sorted(sums.rows).map(([key, row]) => [key, { ...row, win_rate: ratio(row.wins, row.games) }]);
      assert.ok(expected.length > 5);
      assert.deepEqual(sorted(await view("win_rate", ["game", "mode", "player", "bot"])), expected);
    });

    it("position_heat_map", async () => {
      const sums = new Sums();
      for (const { day, mode, x, y } of eventsOf("logs_move", ({ tick }) => tick % MOVE_TICKS === 0))
        sums.add(`${day} ${GAME} ${mode} ${Math.floor(x / 1024)} ${Math.floor(y / 1024)}`, { samples: 1 });
      const keys = ["event_date", "game", "mode", "cell_x", "cell_y"];
      assert.deepEqual(sorted(await view("position_heat_map", keys)), sorted(sums.rows));
    });

    it("waiting_times", async () => {
      const waits = queued.filter(({ kind }) => kind === "matched").map(({ waitMs }) => waitMs);
      waits.sort((a, b) => a - b);
      const at = (share: number) => waits[Math.ceil(share * waits.length) - 1];
      const average_ms = Math.round(waits.reduce((sum, wait) => sum + wait, 0) / waits.length);
      const expected = { matched: waits.length, average_ms, p50_ms: at(0.5), p90_ms: at(0.9), p99_ms: at(0.99) };
      const found = await view("waiting_times", ["event_date", "game", "mode", "strategy", "region"]);
      assert.deepEqual([...found], [["2026-02-03 arena duel elo eu", expected]]);
    });

    it("read tables only, because a view that another view reads could not be changed", () => {
      for (const { name, query } of views) {
        const read = [...query.matchAll(/\bdw\.(\w+)/g)].map(([, relation]) => relation);
        assert.deepEqual(
          read.filter((relation) => views.some((other) => other.name === relation)),
          [],
          name,
        );
      }
    });
  });
}
