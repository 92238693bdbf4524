import { sql } from "drizzle-orm";
import { buildOnce } from "../../platform/sql/buildOnce.ts";

/**
 * Locks players until the end of the transaction. Call it once per transaction, with all players whose ratings it changes. The
 * locks are taken in order, so transactions with the same players wait for each other and cannot deadlock.
 *
 * A lock on rows would not be enough. The base of a season comes from the row of another season, and a player may have no row
 * yet. Each player takes a place in PostgreSQL's lock table, so a transaction must not have thousands of them.
 */
export const lockPlayers = buildOnce((orm) => {
  const keys = orm
    .selectDistinct({ key: sql<bigint>`hashtextextended(player, 0)`.as("key") })
    .from(sql`unnest(${sql.placeholder("players")}::text[]) as player`)
    .orderBy(sql`key`)
    .as("keys");
  return orm.select({ locked: sql`pg_advisory_xact_lock(${keys.key})` }).from(keys);
});
