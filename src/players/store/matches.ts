/** Owns reading what was played: one match with its participants, and one person's record. */
import type { SqlRunner } from "../../platform/sql/Sql.ts";

export interface MatchRow {
  readonly id: string;
  readonly game: string;
  readonly mode: string;
  readonly region: string;
  readonly rulesVersion: string;
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

const MATCH = `m.id, m.game, m.mode, m.region, m.rules_version as "rulesVersion", m.season_id as "seasonId", m.rated, m.weight,
  m.reason, m.last_tick as "lastTick", m.team_scores as "teamScores", m.created_at as "createdAt", m.ended_at as "endedAt"`;

const PARTICIPANT = `p.seat, p.player_id as "playerId", p.bot, p.team, p.role, p.place, p.score, p.kills, p.deaths, p."left",
  p.rating_before as "ratingBefore", p.rating_change as "ratingChange"`;

/** Null where no finished match has that id. */
export async function readMatch(sql: SqlRunner, id: string): Promise<MatchRow | null> {
  const { rows } = await sql.query<MatchRow>(`select ${MATCH} from matches m where m.id = $1`, [id]);
  return rows[0] ?? null;
}

export async function readParticipants(sql: SqlRunner, matchId: string): Promise<ParticipantRow[]> {
  const { rows } = await sql.query<ParticipantRow>(
    `select ${PARTICIPANT} from participants p where p.match_id = $1 order by p.seat`,
    [matchId],
  );
  return rows;
}

export type RecordRow = MatchRow & ParticipantRow;

interface RecordQuery {
  readonly mode: string | null;
  /** Only matches older than this one. */
  readonly before: string | null;
  readonly limit: number;
}

/** One person's matches, newest first. */
export async function readRecord(sql: SqlRunner, playerId: string, query: RecordQuery): Promise<RecordRow[]> {
  const params: unknown[] = [playerId, query.limit];
  const where = ["p.player_id = $1", "not p.bot"];
  if (query.mode !== null) where.push(`p.mode = $${params.push(query.mode)}`);
  if (query.before !== null) where.push(`p.match_id < $${params.push(query.before)}`);
  const { rows } = await sql.query<RecordRow>(
    `select ${MATCH}, ${PARTICIPANT} from participants p join matches m on m.id = p.match_id
     where ${where.join(" and ")} order by p.match_id desc limit $2`,
    params,
  );
  return rows;
}
