/** The rankings in Redis, after their database was restored from a dump. */
import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import { addIdentity } from "../../../src/players/database/players.ts";
import { RankingSource } from "../../../src/players/database/rankingSource.ts";
import { Rankings } from "../../../src/players/rankings/Rankings.ts";
import { RedisIndex } from "../../../src/players/rankings/RedisIndex.ts";
import { DatabaseDump } from "../../platform/sql/DatabaseDump.ts";
import { limitDatabase } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

describe("rankings of a database that was restored from a dump", function () {
  this.timeout(120_000);
  const services = useServices("postgres", "redis");
  let url: string;
  let dump: DatabaseDump;

  after(async () => {
    await dump?.drop();
    await services().dropDatabase(url);
  });

  it("do not list what only the lost part of the database had", async () => {
    url = await services().createDatabase();
    const redis = new Redis(services().env.REDIS_URL);
    const index = new RedisIndex(redis, services().namespace());
    const { runtime } = await limitDatabase(url);
    let sql = new PgSql({ variable: "DATABASE_URL", url: runtime });
    await sql.query("insert into players (id, kind) values ('account', 'account'), ('guest', 'anonymous')");
    await sql.query(
      "insert into ratings (season_id, game, mode, player_id, base, rating) select 1, 'arena', 'duel', id, 1500, 1500 from players",
    );
    const listed = async () => {
      const rankings = new Rankings({ index, source: new RankingSource(sql, false) });
      await rankings.start();
      const { rows } = await rankings.page({ seasonId: 1, game: "arena", mode: "duel" }, 0, 10);
      await rankings.stop();
      return rows.map(({ playerId }) => playerId).sort();
    };
    assert.deepEqual(await listed(), ["account"]);
    dump = await DatabaseDump.take(url);
    await sql.transaction(async (tx) => {
      await addIdentity(tx, "guest", { provider: "email", subject: "a@example.com", passwordHash: null });
    });
    assert.deepEqual(await listed(), ["account", "guest"]);
    await sql.close();
    await dump.restore();
    sql = new PgSql({ variable: "DATABASE_URL", url: runtime });
    assert.deepEqual(await listed(), ["account"]);
    await sql.close();
    await redis.quit();
  });
});
