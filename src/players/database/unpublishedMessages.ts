/**
 * Messages of the log that belong to a transaction: what the transaction has changed is published, at least once, and only if it was
 * committed. Each message has the same id whenever it is published.
 */
import { and, asc, sql as fragment, inArray, lte } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import { type CommittedMessage, unpublishedMessages } from "./schema.ts";

export type MessagesRow = Pick<typeof unpublishedMessages.$inferSelect, "id" | "messages">;

/** Publishes the messages once the transaction has been committed, in their order. */
export async function addUnpublished(tx: SqlRunner, messages: readonly CommittedMessage[]): Promise<void> {
  await tx.orm.insert(unpublishedMessages).values({ id: uuidv7(), messages });
}

/** Rows that nobody has claimed, the oldest first. The caller publishes them within a minute. */
export async function claimMessages(sql: Sql, limit: number): Promise<MessagesRow[]> {
  const { id, messages, claimedUntil } = unpublishedMessages;
  const isFree = lte(claimedUntil, fragment`now()`);
  const free = sql.orm.select({ id }).from(unpublishedMessages).where(isFree).orderBy(asc(id)).limit(limit);
  const claimed = await sql.orm
    .update(unpublishedMessages)
    .set({ claimedUntil: fragment`now() + interval '1 minute'` })
    // The first condition is tested again if another process has claimed the row meanwhile.
    .where(and(isFree, inArray(id, free)))
    .returning({ id, messages });
  return claimed.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Every process may claim the rows from now on. */
export async function giveBackMessages(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.orm
    .update(unpublishedMessages)
    .set({ claimedUntil: fragment`now()` })
    .where(inArray(unpublishedMessages.id, [...ids]));
}

export async function deletePublished(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql.orm.delete(unpublishedMessages).where(inArray(unpublishedMessages.id, [...ids]));
}
