/** What the tables say must be published: each act of an operator as `logs_admin`, and each rating change of a match as `logs_rating`. */
import { and, eq, gte, isNotNull } from "drizzle-orm";
import { isUnavailable } from "../../platform/sql/DatabaseUnavailable.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { ratingEventId } from "./ratingEvents.ts";
import { matches, operatorActs, participants, unpublishedActs, unpublishedMessages } from "./schema.ts";

/** Times of events, by their ids. */
type Ids = ReadonlyMap<string, Date>;

/**
 * Reads the events since `sinceMs` (Unix ms), and the ids of those that may not be in an outbox yet. Resolves to null if the database
 * does not have the tables.
 */
export async function readCommittedEvents(sql: Sql, sinceMs: number) {
  const since = new Date(Math.max(0, sinceMs));
  // Read first, so that an event that is published meanwhile does not count as published.
  const unpublished = await readUnpublished(sql).catch(nullIfNoTable);
  if (unpublished === null) return null;
  const topics = [
    { topic: "logs_admin", table: "operator_acts", ids: await readActs(sql, since), isComplete: true, isNew: false },
    { topic: "logs_rating", table: "participants", ids: await readRatings(sql, since), isComplete: false, isNew: true },
  ] as const;
  return { topics, unpublished };
}

async function readUnpublished(sql: Sql): Promise<Set<string>> {
  const acts = await sql.orm.select({ id: unpublishedActs.id }).from(unpublishedActs);
  const messages = await sql.orm.select({ messages: unpublishedMessages.messages }).from(unpublishedMessages);
  return new Set([...acts, ...messages.flatMap((row) => row.messages)].map(({ id }) => id));
}

async function readActs(sql: Sql, since: Date): Promise<Ids> {
  const { id, at } = operatorActs;
  const rows = await sql.orm.select({ id, at }).from(operatorActs).where(gte(at, since));
  return new Map(rows.map((row) => [row.id, row.at]));
}

async function readRatings(sql: Sql, since: Date): Promise<Ids> {
  const rows = await sql.orm
    .select({ matchId: matches.id, player: participants.playerId, at: matches.endedAt })
    .from(participants)
    .innerJoin(matches, eq(matches.id, participants.matchId))
    .where(and(gte(matches.endedAt, since), isNotNull(participants.ratingChange)));
  return new Map(rows.map(({ matchId, player, at }) => [ratingEventId(matchId, player), at]));
}

function nullIfNoTable(error: unknown): null {
  if (isUnavailable(error) && error.fault === "schema") return null;
  throw error;
}
