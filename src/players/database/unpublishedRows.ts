import { uuidV7TimeMs } from "../../pipeline/events/eventDate.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";

/** Events that were committed and that no outbox has yet. */
export interface Unpublished {
  readonly count: number;
  /** When the oldest was committed, Unix ms; null if there is none. */
  readonly oldestAt: number | null;
}

interface Row {
  readonly acts: number;
  readonly oldest_act: string | null;
  readonly events: number;
  readonly oldest_event: string | null;
}

/** `acts` of operators, and `events` of players and ratings. Rejects if the database does not have the tables yet. */
export async function readUnpublishedRows(sql: SqlRunner): Promise<Readonly<Record<"acts" | "events", Unpublished>>> {
  const { rows } = await sql.query<Row>(
    `SELECT acts.*, events.* FROM
       (SELECT count(*)::int AS acts, min(id) AS oldest_act FROM operator_acts_unpublished) AS acts,
       (SELECT coalesce(sum(json_array_length(messages)), 0)::int AS events, min(id) AS oldest_event
          FROM unpublished_messages) AS events`,
  );
  const [{ acts, oldest_act, events, oldest_event }] = rows;
  const timeOf = (id: string | null) => (id === null ? null : uuidV7TimeMs(id));
  return {
    acts: { count: acts, oldestAt: timeOf(oldest_act) },
    events: { count: events, oldestAt: timeOf(oldest_event) },
  };
}
