/** Owns `ranking:rebuild`: makes the shared ranking index anew from SQL, while everybody goes on reading the old one. */
import { Redis } from "ioredis";
import type { Sql } from "../../platform/sql/Sql.ts";
import { RankingSource } from "../store/rankingSource.ts";
import { Rankings } from "./Rankings.ts";
import { RedisIndex } from "./RedisIndex.ts";

interface RebuildOptions {
  readonly sql: Sql;
  /** Without Redis there is nothing to do: an embedded index is made anew at every start. */
  readonly redisUrl: string;
  readonly namespace: string;
  readonly rankAnonymous: boolean;
}

/** Gives one line for people. Rejects with one where the rebuild failed, or another is under way. */
export async function rebuildRankings({ sql, redisUrl, namespace, rankAnonymous }: RebuildOptions): Promise<string> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: 2 });
  // Each request says what is wrong.
  redis.on("error", () => {});
  try {
    const source = new RankingSource(sql, rankAnonymous);
    const rankings = new Rankings({ index: new RedisIndex(redis, namespace), source });
    const startedAt = performance.now();
    const players = await rankings.rebuild();
    if (players === null) throw new Error("another rebuild is under way; try again when it has ended");
    return `ranking:rebuild: ${players} entries in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  } finally {
    redis.disconnect();
  }
}
