/**
 * Finds players that match results refer to, but that the database does not have: after a restore, results come from the log again,
 * and players do not.
 */
import { and, count, desc, eq, isNull, max, not } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { matches, participants, players } from "./schema.ts";

export interface LostPlayer {
  readonly id: string;
  readonly matches: number;
  /** End of the player's last match. */
  readonly lastSeen: Date;
}

/** Reads all match histories. Those who were seen last come first. */
export async function readLostPlayers(sql: SqlRunner): Promise<LostPlayer[]> {
  const lastSeen = max(matches.endedAt);
  const rows = await sql.orm
    .select({ id: participants.playerId, matches: count(), lastSeen })
    .from(participants)
    .innerJoin(matches, eq(matches.id, participants.matchId))
    .leftJoin(players, eq(players.id, participants.playerId))
    .where(and(not(participants.bot), isNull(players.id)))
    .groupBy(participants.playerId)
    .orderBy(desc(lastSeen), participants.playerId);
  return rows.map((row) => ({ ...row, lastSeen: row.lastSeen! }));
}
