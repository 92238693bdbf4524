import { count, sql as fragment, min } from "drizzle-orm";
import { uuidV7TimeMs } from "../../pipeline/events/eventDate.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { unpublishedActs, unpublishedMessages } from "./schema.ts";

/** Events that were committed and that no outbox has yet. */
export interface Unpublished {
  readonly count: number;
  /** When the oldest was committed, Unix ms; null if there is none. */
  readonly oldestAt: number | null;
}

/** `acts` of operators, and `events` of players and ratings. Rejects if the database does not have the tables yet. */
export async function readUnpublishedRows(sql: SqlRunner): Promise<Readonly<Record<"acts" | "events", Unpublished>>> {
  const { id, messages } = unpublishedMessages;
  const length = fragment<number>`coalesce(sum(json_array_length(${messages})), 0)::int`;
  const [acts] = await sql.orm.select({ count: count(), oldest: min(unpublishedActs.id) }).from(unpublishedActs);
  const [events] = await sql.orm.select({ count: length, oldest: min(id) }).from(unpublishedMessages);
  return { acts: toUnpublished(acts), events: toUnpublished(events) };
}

function toUnpublished({ count, oldest }: { readonly count: number; readonly oldest: string | null }): Unpublished {
  return { count, oldestAt: oldest === null ? null : uuidV7TimeMs(oldest) };
}
