/** What operators did. Rows are only added. */
import { and, asc, desc, eq, inArray, lt, lte } from "drizzle-orm";
import type { AdminMessage } from "../../../schema/adminEvents.ts";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { operatorActs, unpublishedActs } from "./schema.ts";

export type OperatorActRow = typeof operatorActs.$inferSelect;

/**
 * Also marks the act as unpublished, until `markPublished`.
 * @param id a UUIDv7
 * @param claimedUntil until then, the caller publishes the act
 */
export async function insertOperatorAct(
  tx: SqlRunner,
  id: string,
  message: AdminMessage,
  claimedUntil: Date,
): Promise<void> {
  const { operator, role, act, player, room, detail, reason } = message;
  await tx.orm
    .insert(operatorActs)
    .values({ ...{ id, operator, role, act, player, room, detail, reason }, at: new Date(message.at) });
  await tx.orm.insert(unpublishedActs).values({ id, claimedUntil });
}

/** Unpublished acts that nobody has claimed at `now`, the oldest first. The caller publishes them until `claimedUntil`. */
export async function claimUnpublished(
  sql: Sql,
  { now, claimedUntil, limit }: { now: Date; claimedUntil: Date; limit: number },
): Promise<OperatorActRow[]> {
  const isFree = lte(unpublishedActs.claimedUntil, now);
  const { id } = unpublishedActs;
  const free = sql.orm.select({ id }).from(unpublishedActs).where(isFree).orderBy(asc(id)).limit(limit);
  const claimed = await sql.orm
    .update(unpublishedActs)
    .set({ claimedUntil })
    // The first condition is tested again if another process has claimed the row meanwhile.
    .where(and(isFree, inArray(id, free)))
    .returning({ id });
  if (claimed.length === 0) return [];
  const ids = claimed.map((row) => row.id);
  return sql.orm.select().from(operatorActs).where(inArray(operatorActs.id, ids)).orderBy(asc(operatorActs.id));
}

/** Every process may claim the acts from `now` on. */
export async function giveBackClaims(sql: Sql, ids: readonly string[], now: Date): Promise<void> {
  await sql.orm
    .update(unpublishedActs)
    .set({ claimedUntil: now })
    .where(inArray(unpublishedActs.id, [...ids]));
}

export async function markPublished(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.orm.delete(unpublishedActs).where(inArray(unpublishedActs.id, [...ids]));
}

/** The newest first. `before`: the id of an act; only older ones are returned. `player`: only acts on this player. */
export async function readOperatorActs(
  sql: SqlRunner,
  { limit, before, player }: { limit: number; before?: string; player?: string },
): Promise<OperatorActRow[]> {
  return sql.orm
    .select()
    .from(operatorActs)
    .where(
      and(
        before === undefined ? undefined : lt(operatorActs.id, before),
        player === undefined ? undefined : eq(operatorActs.player, player),
      ),
    )
    .orderBy(desc(operatorActs.id))
    .limit(limit);
}
