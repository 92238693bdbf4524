/** Owns the rows of passwords that may be set anew: of each token its hash and its end, so that who reads them can use none. */
import type { SqlRunner } from "../../platform/sql/Sql.ts";

interface NewReset {
  readonly tokenHash: string;
  readonly playerId: string;
  readonly expiresAt: Date;
}

/** False where the person has no password (any more). Clears away what has run out. */
export async function addReset(sql: SqlRunner, reset: NewReset, now: Date): Promise<boolean> {
  await sql.query("delete from password_resets where expires_at <= $1", [now]);
  // The lock keeps this from being left behind by a deletion, or by a password set, at the same time.
  const { rowCount } = await sql.query(
    `insert into password_resets (token_hash, player_id, expires_at)
     select $1, player_id, $3 from player_identities where player_id = $2 and provider = 'email' for share`,
    [reset.tokenHash, reset.playerId, reset.expiresAt],
  );
  return rowCount === 1;
}

/** Whose password a token may set; null where it is unknown, used or too old. */
export async function findReset(sql: SqlRunner, tokenHash: string, now: Date): Promise<string | null> {
  const { rows } = await sql.query<{ playerId: string }>(
    `select player_id as "playerId" from password_resets where token_hash = $1 and expires_at > $2`,
    [tokenHash, now],
  );
  return rows[0]?.playerId ?? null;
}

/** Ends every token of a person, and gives their hashes. */
export async function endResets(sql: SqlRunner, playerId: string): Promise<string[]> {
  const { rows } = await sql.query<{ tokenHash: string }>(
    `delete from password_resets where player_id = $1 returning token_hash as "tokenHash"`,
    [playerId],
  );
  return rows.map(({ tokenHash }) => tokenHash);
}
