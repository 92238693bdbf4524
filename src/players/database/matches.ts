import { and, asc, desc, eq, lt, not } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { matches, participants } from "./schema.ts";

export interface MatchRow {
  readonly id: string;
  readonly game: string;
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
  readonly map: string | null;
  readonly seasonId: number;
  readonly rated: boolean;
  readonly weight: number;
  readonly reason: string;
  readonly lastTick: number;
  readonly teamScores: readonly number[];
  readonly createdAt: Date;
  readonly endedAt: Date;
}

export interface ParticipantRow {
  readonly seat: number;
  readonly playerId: string;
  readonly bot: boolean;
  readonly team: number;
  readonly role: number;
  readonly place: number;
  readonly score: number;
  readonly kills: number;
  readonly deaths: number;
  readonly left: boolean;
  readonly ratingBefore: number | null;
  readonly ratingChange: number | null;
}

const MATCH = {
  id: matches.id,
  game: matches.game,
  mode: matches.mode,
  region: matches.region,
  rulesVersion: matches.rulesVersion,
  map: matches.map,
  seasonId: matches.seasonId,
  rated: matches.rated,
  weight: matches.weight,
  reason: matches.reason,
  lastTick: matches.lastTick,
  teamScores: matches.teamScores,
  createdAt: matches.createdAt,
  endedAt: matches.endedAt,
};

const PARTICIPANT = {
  seat: participants.seat,
  playerId: participants.playerId,
  bot: participants.bot,
  team: participants.team,
  role: participants.role,
  place: participants.place,
  score: participants.score,
  kills: participants.kills,
  deaths: participants.deaths,
  left: participants.left,
  ratingBefore: participants.ratingBefore,
  ratingChange: participants.ratingChange,
};

/** Null if no finished match has this id. */
export async function readMatch(sql: SqlRunner, id: string): Promise<MatchRow | null> {
  const [match] = await sql.orm.select(MATCH).from(matches).where(eq(matches.id, id));
  return match ?? null;
}

export async function readParticipants(sql: SqlRunner, matchId: string): Promise<ParticipantRow[]> {
  return sql.orm
    .select(PARTICIPANT)
    .from(participants)
    .where(eq(participants.matchId, matchId))
    .orderBy(asc(participants.seat));
}

export type PlayerMatchRow = MatchRow & ParticipantRow;

interface PlayerMatchQuery {
  /** Null for the matches of all games. */
  readonly game: string | null;
  readonly mode: string | null;
  /** Only matches older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

/** A player's matches, newest first. */
export async function readPlayerMatches(
  sql: SqlRunner,
  playerId: string,
  query: PlayerMatchQuery,
): Promise<PlayerMatchRow[]> {
  return sql.orm
    .select({ ...MATCH, ...PARTICIPANT })
    .from(participants)
    .innerJoin(matches, eq(matches.id, participants.matchId))
    .where(
      and(
        eq(participants.playerId, playerId),
        // The condition of the partial indexes. Without it PostgreSQL does not use them.
        not(participants.bot),
        query.game === null ? undefined : eq(participants.game, query.game),
        query.mode === null ? undefined : eq(participants.mode, query.mode),
        query.before === null ? undefined : lt(participants.matchId, query.before),
      ),
    )
    .orderBy(desc(participants.matchId))
    .limit(query.limit);
}
