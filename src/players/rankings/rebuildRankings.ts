/** The command `ranking:rebuild`: rebuilds the shared ranking index from SQL while processes keep reading the old one. */
import { openRedis } from "../../platform/redis/openRedis.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { RankingSource } from "../database/rankingSource.ts";
import { Rankings } from "./Rankings.ts";
import { RedisIndex } from "./RedisIndex.ts";

interface RebuildOptions {
  readonly sql: Sql;
  /** Required, because an index in memory is rebuilt at every start anyway. */
  readonly redisUrl: string;
  readonly namespace: string;
  readonly rankAnonymous: boolean;
  /** Ends the rebuild early. */
  readonly signal: AbortSignal;
}

/** Resolves to one line to print. Rejects if the rebuild fails, is ended early, or another one is running. */
export async function rebuildRankings(options: RebuildOptions): Promise<string> {
  const { sql, redisUrl, namespace, rankAnonymous, signal } = options;
  const redis = openRedis(redisUrl, { maxRetriesPerRequest: 2 });
  try {
    const source = new RankingSource(sql, rankAnonymous);
    const rankings = new Rankings({ index: new RedisIndex(redis, namespace), source });
    signal.addEventListener("abort", () => void rankings.stop(), { once: true });
    const startedAt = performance.now();
    const players = await rankings.rebuild();
    if (players === null) throw new Error("another rebuild is running: try again when it has finished");
    return `ranking:rebuild: ${players} entries in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  } finally {
    redis.disconnect();
  }
}
