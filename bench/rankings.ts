/**
 * Rankings with a million players: the API on one core, compared with the same queries sent directly to Redis; the recording of
 * matches, compared with bare INSERTs; how well ratings predict results, compared with OpenSkill.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import autocannon from "autocannon";
import { Redis } from "ioredis";
import { PgSql } from "../src/platform/sql/PgSql.ts";
import { migrate } from "../src/players/database/migrate.ts";
import { startServices } from "../tools/services/startServices.ts";
import { progress } from "./progress.ts";
import type { Row } from "./Row.ts";
import { logLossRows } from "./rankings/logLoss.ts";
import { resultRows } from "./rankings/results.ts";

const PLAYERS = Number(process.env.BENCH_PLAYERS ?? 1_000_000);
const CONNECTIONS = 16;
const SECONDS = Number(process.env.BENCH_SECONDS ?? 10);

async function fill(sql: PgSql): Promise<void> {
  await sql.query(
    "insert into players (id, kind, name) select 'p' || n, 'account', 'Player ' || n from generate_series(1, $1::int) n",
    [PLAYERS],
  );
  await sql.query(
    `insert into ratings (season_id, game, mode, player_id, base, gained, rating, games, wins, losses)
     select 1, 'arena', 'duel', 'p' || n, 1500, r, 1500 + r, 10, 6, 4 from (select n, (random() * 2000)::int - 1000 as r from generate_series(1, $1::int) n) x`,
    [PLAYERS],
  );
}

const randomPlayerId = (): string => `p${1 + Math.floor(Math.random() * PLAYERS)}`;

interface Query {
  readonly name: string;
  path(): string;
  queryRedis(redis: Redis): Promise<unknown>;
}

const order = "{ladders}:1:arena:duel:order";
const rows = "{ladders}:1:arena:duel:rows";

async function range(redis: Redis, first: number, last: number): Promise<unknown> {
  const entries = await redis.zrevrange(order, first, last, "WITHSCORES");
  return redis.hmget(rows, ...entries.filter((_, index) => index % 2 === 0));
}

const queries: readonly Query[] = [
  { name: "top 10", path: () => "/api/v1/rankings?mode=duel&limit=10", queryRedis: (redis) => range(redis, 0, 9) },
  { name: "top 100", path: () => "/api/v1/rankings?mode=duel&limit=100", queryRedis: (redis) => range(redis, 0, 99) },
  {
    name: "around me, 11 entries",
    path: () => `/api/v1/rankings/around/${randomPlayerId()}?mode=duel&radius=5`,
    async queryRedis(redis) {
      const rank = (await redis.zrevrank(order, randomPlayerId()))!;
      return range(redis, Math.max(0, rank - 5), rank + 5);
    },
  },
];

async function measureApi(address: string, query: Query) {
  const result = await autocannon({
    url: address,
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: Array.from({ length: 200 }, () => ({ path: query.path() })),
  });
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${query.name}: ${result.non2xx} requests were refused, ${result.errors} failed`);
  return { perSecond: result.requests.average, p99Ms: result.latency.p99 };
}

async function measureRedis(url: string, query: Query) {
  const redis = new Redis(url);
  const latenciesMs: number[] = [];
  const until = performance.now() + SECONDS * 1000;
  const loop = async () => {
    while (performance.now() < until) {
      const startedAt = performance.now();
      await query.queryRedis(redis);
      latenciesMs.push(performance.now() - startedAt);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  redis.disconnect();
  latenciesMs.sort((a, b) => a - b);
  return { perSecond: latenciesMs.length / SECONDS, p99Ms: latenciesMs[Math.floor(latenciesMs.length * 0.99)] };
}

export async function run(): Promise<Row[]> {
  const services = await startServices(["postgres", "redis"]);
  const url = await services.createDatabase();
  const sql = new PgSql({ variable: "DATABASE_URL", url });
  try {
    progress(`filling in ${PLAYERS} players`);
    await migrate(sql);
    await fill(sql);
    await sql.query("analyze");
    const server = fork(`${import.meta.dirname}/rankings/server.ts`, [url, services.env.REDIS_URL]);
    const [address] = (await once(server, "message")) as [string];
    const measured: Row[] = [];
    const peer = "the same query sent directly to Redis with ioredis";
    for (const query of queries) {
      progress(query.name);
      const [ours, straight] = [await measureApi(address, query), await measureRedis(services.env.REDIS_URL, query)];
      const note = `${PLAYERS} players, ${CONNECTIONS} connections, server on one core`;
      measured.push({
        ...{ name: query.name, figure: ours.perSecond, unit: "requests/s", peer, peerFigure: straight.perSecond },
        ...{ ratio: ours.perSecond / straight.perSecond, note },
      });
      measured.push({
        ...{ name: `${query.name}, p99`, figure: ours.p99Ms, unit: "ms", peer, peerFigure: straight.p99Ms },
        ...{ ratio: ours.p99Ms / straight.p99Ms, note },
      });
    }
    server.disconnect();
    await once(server, "exit");
    progress("recording matches");
    const results = await resultRows(sql);
    progress("simulating seasons");
    return [...measured, ...results, ...logLossRows()];
  } finally {
    await sql.close();
    await services.stop();
  }
}
