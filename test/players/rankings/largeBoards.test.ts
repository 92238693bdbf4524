/** Rankings of several large boards come back after Redis was wiped: the first board is complete long before the last one. */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { RankingSource } from "../../../src/players/database/rankingSource.ts";
import { Rankings, RankingsUnavailable } from "../../../src/players/rankings/Rankings.ts";
import { RedisIndex } from "../../../src/players/rankings/RedisIndex.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asUsers } from "../../tools/services/asUsers.ts";
import { limitDatabase } from "../../tools/services/leastPrivileges.ts";

const BOARDS = ["duel", "ffa", "squad", "team"].map((mode) => ({ seasonId: 1, game: "arena", mode }));
const PLAYERS = 200_000;

describe("rankings of four boards of 200,000 players", function () {
  this.timeout(600_000);
  let services: Services;
  let sql: PgSql;
  let redis: Redis;
  let admin: Redis;
  let namespace: string;
  before(async () => {
    services = await startServices(["postgres", "redis"]);
    const { runtime } = await limitDatabase(await services.createDatabase());
    sql = new PgSql({ variable: "DATABASE_URL", url: runtime });
    await sql.query("insert into players (id, kind) select 'p' || n, 'account' from generate_series(1, $1::int) n", [
      PLAYERS,
    ]);
    for (const { seasonId, mode } of BOARDS)
      await sql.query(
        `insert into ratings (season_id, game, mode, player_id, base, gained, rating, games, wins, losses)
         select $1, 'arena', $2, 'p' || n, 1500, n % 997, 1500 + n % 997, 10, 6, 4 from generate_series(1, $3::int) n`,
        [seasonId, mode, PLAYERS],
      );
    const users = await asUsers(services, ["redis"]);
    namespace = users.namespace();
    redis = new Redis(users.env.REDIS_URL);
    admin = new Redis(users.admin.REDIS_URL);
  });
  after(async () => {
    redis?.disconnect();
    admin?.disconnect();
    await sql?.close();
    await services?.stop();
  });

  it("are recreated after Redis was wiped", async () => {
    const errors: unknown[] = [];
    const rankings = new Rankings({
      index: new RedisIndex(redis, namespace),
      source: new RankingSource(sql, true),
      onError: (error) => errors.push(error),
    });
    try {
      await admin.flushall();
      await assert.rejects(rankings.page(BOARDS[0], 0, 1), RankingsUnavailable);
      await rankings.refresh();
      assert.deepEqual(errors, []);
      for (const board of BOARDS) {
        const page = await rankings.page(board, 0, 3);
        assert.equal(page.total, PLAYERS);
        assert.deepEqual(
          page.rows.map(({ rating }) => rating),
          [2496, 2496, 2496],
        );
      }
    } finally {
      await rankings.stop();
    }
  });
});
