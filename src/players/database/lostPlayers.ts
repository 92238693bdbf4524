/**
 * Finds players to whom match results refer, but whom the database does not have: after a restore, the log contains the results, but
 * not the players.
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

/** Reads all match histories. The players who were seen most recently come first. */
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
