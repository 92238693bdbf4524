/** The rankings over real SQL and Redis: they are correct or unavailable, never wrong. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { deletePlayer } from "../../../src/players/database/players.ts";
import { RankingSource } from "../../../src/players/database/rankingSource.ts";
import { recordMatches } from "../../../src/players/database/recordMatches.ts";
import { MemoryIndex } from "../../../src/players/rankings/MemoryIndex.ts";
import { Rankings, RankingsUnavailable } from "../../../src/players/rankings/Rankings.ts";
import { RedisIndex } from "../../../src/players/rankings/RedisIndex.ts";
import { rebuildRankings } from "../../../src/players/rankings/rebuildRankings.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { useStore } from "../../api/useApi.ts";
import { asUsers, type Users } from "../../tools/services/asUsers.ts";
import { limitDatabase } from "../../tools/services/leastPrivileges.ts";
import { finishedMatch } from "../database/finishedMatch.ts";

const board = { seasonId: 1, game: "arena", mode: "duel" };
const PLAYERS = 100_000;

const fill = (sql: PgSql, count: number) =>
  sql.transaction(async (tx) => {
    await tx.query("insert into players (id, kind) select 'p' || n, 'account' from generate_series(1, $1::int) n", [
      count,
    ]);
    await tx.query(
      `insert into ratings (season_id, game, mode, player_id, base, gained, rating, games, wins, losses)
       select 1, 'arena', 'duel', 'p' || n, 1500, n % 997, 1500 + n % 997, 10, 6, 4 from generate_series(1, $1::int) n`,
      [count],
    );
  });

describe("rankings in memory", () => {
  const store = useStore();

  it("show a committed match after a refresh, and drop a deleted player", async () => {
    const sql = store();
    await sql.query("insert into players (id, kind) values ('a', 'account'), ('b', 'anonymous')");
    const rankings = new Rankings({ index: new MemoryIndex(), source: new RankingSource(sql, true) });
    await assert.rejects(rankings.page(board, 0, 10), RankingsUnavailable);
    await rankings.start();
    await sql.transaction((tx) => recordMatches(tx, [finishedMatch([{ player: "a" }, { player: "b" }])]));
    await rankings.refresh();
    const ids = async () => (await rankings.page(board, 0, 10)).rows.map(({ playerId }) => playerId);
    assert.deepEqual(await ids(), ["a", "b"]);
    await sql.transaction((tx) => deletePlayer(tx, "a"));
    await rankings.refresh();
    assert.deepEqual(await ids(), ["b"]);
    await rankings.stop();
  });

  it("mark players as provisional until their 30th match in the mode, whatever the season", async () => {
    const sql = store();
    await sql.query("insert into seasons values (2, 'Season 2', '2040-01-01', null, 0)");
    await sql.query(
      "insert into players (id, kind) values ('new', 'account'), ('old', 'account'), ('late', 'account')",
    );
    await sql.query(`insert into ratings (season_id, game, mode, player_id, base, rating, games) values
      (2, 'arena', 'duel', 'new', 1500, 1500, 29), (1, 'arena', 'duel', 'old', 1500, 1500, 29), (2, 'arena', 'duel', 'old', 1500, 1500, 1),
      (1, 'arena', 'squad', 'late', 1500, 1500, 99), (2, 'arena', 'duel', 'late', 1500, 1500, 30)`);
    const rankings = new Rankings({ index: new MemoryIndex(), source: new RankingSource(sql, true) });
    await rankings.start();
    const provisional = async (seasonId: number) =>
      Object.fromEntries(
        (await rankings.page({ seasonId, game: "arena", mode: "duel" }, 0, 10)).rows.map((row) => [
          row.playerId,
          row.provisional,
        ]),
      );
    assert.deepEqual(await provisional(2), { new: true, old: false, late: false });
    assert.equal((await provisional(1)).old, true);
    await rankings.stop();
    await sql.query("delete from ratings where player_id in ('new', 'old', 'late')");
    await sql.query("delete from seasons where id = 2");
  });

  it("list anonymous players only if that is configured", async () => {
    const rankings = new Rankings({ index: new MemoryIndex(), source: new RankingSource(store(), false) });
    await rankings.start();
    assert.equal((await rankings.page(board, 0, 10)).total, 0);
    await rankings.stop();
  });
});

describe("rankings in Redis", function () {
  this.timeout(240_000);
  let services: Services;
  let users: Users;
  let namespace: string;
  let sql: PgSql;
  let redis: Redis;
  let admin: Redis;
  let rankings: Rankings;
  before(async () => {
    services = await startServices(["postgres", "redis"]);
    const { runtime } = await limitDatabase(await services.createDatabase());
    sql = new PgSql({ variable: "DATABASE_URL", url: runtime });
    await fill(sql, PLAYERS);
    users = await asUsers(services, ["redis"]);
    namespace = users.namespace();
    redis = new Redis(users.env.REDIS_URL);
    admin = new Redis(users.admin.REDIS_URL);
    const index = new RedisIndex(redis, namespace);
    rankings = new Rankings({ index, source: new RankingSource(sql, true), pollMs: 200 });
    await rankings.start();
  });
  after(async () => {
    await rankings?.stop();
    redis?.disconnect();
    admin?.disconnect();
    await sql?.close();
    await services?.stop();
  });

  async function expected(limit: number): Promise<string[]> {
    const { rows } = await sql.query<{ id: string }>(
      `select player_id as id from ratings order by rating desc, player_id collate "C" desc limit $1`,
      [limit],
    );
    return rows.map(({ id }) => id);
  }

  const duel = (at: number) => {
    const players = [{ player: `p${1 + (at % PLAYERS)}` }, { player: `p${1 + ((at * 31 + 7) % PLAYERS)}` }];
    return sql.transaction((tx) => recordMatches(tx, [finishedMatch(players)]));
  };

  /** Ends a test that would wait forever; says nothing about how long it should take. */
  const WITHIN_MS = 180_000;

  /** Reads rankings and records matches during a fault, until the rankings are available again. Returns how many reads were refused. */
  async function underLoad(fault: () => Promise<unknown>): Promise<number> {
    const until = Date.now() + 3_000;
    let faultAt = 0;
    let readAt = 0;
    let refused = 0;
    const play = async () => {
      for (let at = 1; Date.now() < until || readAt < faultAt; at++) await duel(at * 613);
    };
    const read = async () => {
      while (Date.now() < until || readAt < faultAt) {
        try {
          const page = await rankings.page(board, 0, 100);
          assert.equal(page.total, PLAYERS);
          assert.equal(page.rows.length, 100);
          for (const [i, row] of page.rows.entries()) assert.ok(i === 0 || row.rating <= page.rows[i - 1].rating);
          readAt = Date.now();
          const around = await rankings.around(board, "p4711", 5);
          assert.equal(around!.rows.length, 11);
        } catch (error) {
          if (!(error instanceof RankingsUnavailable)) throw error;
          refused++;
          await delay(5);
        }
        assert.ok(Date.now() < until + WITHIN_MS, "the rankings are not available again");
      }
    };
    const faultLater = delay(500).then(async () => {
      faultAt = Date.now();
      await fault();
    });
    await Promise.all([play(), read(), faultLater]);
    await rankings.refresh();
    assert.deepEqual(
      (await rankings.page(board, 0, 100)).rows.map(({ playerId }) => playerId),
      await expected(100),
    );
    return refused;
  }

  it("are available again when Redis is wiped under load, and never wrong", async () => {
    await underLoad(() => admin.flushall());
  });

  it("detect a Redis that came back with old data", async () => {
    const keys = await admin.keys(`${namespace}{ladders}:*`);
    const kept = await Promise.all(keys.map((key) => admin.dumpBuffer(key)));
    await duel(12345);
    await rankings.refresh();
    await underLoad(async () => {
      const multi = admin.multi().flushall();
      for (const [i, key] of keys.entries()) multi.restore(key, 0, kept[i]);
      await multi.exec();
    });
  });

  it("are rebuilt by the command while they are read, without a gap", async () => {
    const options = {
      sql,
      redisUrl: users.env.REDIS_URL,
      namespace,
      rankAnonymous: true,
      signal: new AbortController().signal,
    };
    let line = "";
    const refused = await underLoad(async () => {
      line = await rebuildRankings(options);
    });
    assert.match(line, /100000 entries/);
    assert.equal(refused, 0);
  });

  it("detect another database behind the same Redis", async () => {
    await sql.query("update store_identity set id = 'restored'");
    await rankings.refresh();
    assert.equal((await rankings.page(board, 0, 1)).total, PLAYERS);
    assert.match((await admin.hget(`${namespace}{ladders}:state`, "generation"))!, /^restored:\d+\.\d+:all$/);
  });
});
