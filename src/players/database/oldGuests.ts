/**
 * Anonymous players who were not seen for a long time. They are deleted as if they had deleted themselves.
 *
 * Raw SQL: drizzle's builder has no recursive query.
 */
import { and, eq, lt } from "drizzle-orm";
import type { DailyData } from "../../pipeline/sinks/retention/Retention.ts";
import type { Sql } from "../../platform/sql/Sql.ts";
import { deletePlayer } from "./players.ts";
import { players } from "./schema.ts";

const BATCH = 100;

export class OldGuests implements DailyData {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async daysBefore(day: string): Promise<string[]> {
    // One step of the index for each day, not for each row.
    const { rows } = await this.#sql.query<{ day: string }>(
      `WITH RECURSIVE days AS (
         SELECT date_trunc('day', min(seen_at), 'UTC') AS day FROM players WHERE kind = 'anonymous' AND seen_at < $1::date
         UNION ALL
         SELECT (SELECT date_trunc('day', min(seen_at), 'UTC') FROM players
                 WHERE kind = 'anonymous' AND seen_at < $1::date AND seen_at >= days.day + interval '1 day')
         FROM days WHERE days.day IS NOT NULL)
       SELECT to_char(day AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day FROM days WHERE day IS NOT NULL`,
      [day],
    );
    return rows.map((row) => row.day);
  }

  async deleteBefore(day: string): Promise<string> {
    const isOld = and(eq(players.kind, "anonymous"), lt(players.seenAt, new Date(day)));
    let deleted = 0;
    for (;;) {
      const found = await this.#sql.orm.select({ id: players.id }).from(players).where(isOld).limit(BATCH);
      if (found.length === 0) return `${deleted} anonymous players`;
      // One player per transaction, because a deletion locks the player's results.
      for (const { id } of found) if (await this.#delete(id, isOld)) deleted++;
    }
  }

  /** Resolves to false if the player was seen, or became an account, since the search. */
  async #delete(id: string, isOld: ReturnType<typeof and>): Promise<boolean> {
    return this.#sql.transaction(async (tx) => {
      const locked = await tx.orm
        .select({ id: players.id })
        .from(players)
        .where(and(eq(players.id, id), isOld))
        .for("update");
      if (locked.length > 0) await deletePlayer(tx, id);
      return locked.length > 0;
    });
  }
}
