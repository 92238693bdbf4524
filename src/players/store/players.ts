/**
 * Owns the rows of people: who they are, by which ways they sign in, what they may not do. The only place where a name or an
 * e-mail address is read or written. Whoever changes several of a person's rows at once begins with that of `players`.
 */
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { endResets } from "./passwordResets.ts";
import { TOUCHED } from "./touched.ts";

export type PlayerKind = "anonymous" | "account" | "deleted";

export interface Player {
  readonly id: string;
  readonly kind: PlayerKind;
  readonly name: string | null;
  /** Tokens of another version are void. */
  readonly tokenVersion: number;
  /** Tokens without a version are void where they were issued before this. */
  readonly tokensValidFrom: Date | null;
  readonly bannedUntil: Date | null;
  readonly banReason: string | null;
  readonly createdAt: Date;
}

const COLUMNS = `p.id, p.kind, p.name, p.token_version as "tokenVersion", p.tokens_valid_from as "tokensValidFrom",
  p.banned_until as "bannedUntil", p.ban_reason as "banReason", p.created_at as "createdAt"`;

/** `unique_violation`. */
const isTaken = (error: unknown): boolean => (error as { code?: string }).code === "23505";

export async function findPlayer(sql: SqlRunner, id: string): Promise<Player | null> {
  const { rows } = await sql.query<Player>(`select ${COLUMNS} from players p where p.id = $1`, [id]);
  return rows[0] ?? null;
}

/** Makes the row of an anonymous person where there is none. */
export async function ensureAnonymous(sql: SqlRunner, id: string): Promise<void> {
  await sql.query("insert into players (id, kind) values ($1, 'anonymous') on conflict do nothing", [id]);
}

interface Identified extends Player {
  readonly passwordHash: string | null;
}

export async function findByIdentity(sql: SqlRunner, provider: string, subject: string): Promise<Identified | null> {
  // PostgreSQL keeps no text with it, so nobody is known by one.
  if (subject.includes("\0")) return null;
  const { rows } = await sql.query<Identified>(
    `select ${COLUMNS}, i.password_hash as "passwordHash"
     from player_identities i join players p on p.id = i.player_id where i.provider = $1 and i.subject = $2`,
    [provider, subject],
  );
  return rows[0] ?? null;
}

interface NewIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly passwordHash: string | null;
}

/**
 * Adds a way to sign in to a person, who becomes an account by it; makes the person where there is none. False, and nothing
 * done, where the identity belongs to somebody already or the person is an account already.
 */
export async function addIdentity(tx: SqlRunner, playerId: string, identity: NewIdentity): Promise<boolean> {
  const person = await tx.query(
    `insert into players as p (id, kind) values ($1, 'account')
     on conflict (id) do update set kind = 'account' where p.kind = 'anonymous'`,
    [playerId],
  );
  if (person.rowCount === 0) return false;
  const added = await tx.query(
    `insert into player_identities (provider, subject, player_id, password_hash) values ($1, $2, $3, $4) on conflict do nothing`,
    [identity.provider, identity.subject, playerId, identity.passwordHash],
  );
  // Whether a person is listed may depend on the kind.
  await tx.query(`update ratings set ${TOUCHED} where player_id = $1`, [playerId]);
  return added.rowCount === 1;
}

/** False where another account has a name that differs in case only. `folded` is null for anonymous people, who may share names. */
export async function renamePlayer(
  sql: SqlRunner,
  id: string,
  name: string | null,
  folded: string | null,
): Promise<boolean> {
  try {
    await sql.query("update players set name = $2, name_folded = $3 where id = $1", [id, name, folded]);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** Names of accounts that are free, or the person's own. */
export async function isNameFree(sql: SqlRunner, folded: string, playerId: string): Promise<boolean> {
  const { rows } = await sql.query("select 1 from players where name_folded = $1 and id <> $2", [folded, playerId]);
  return rows.length === 0;
}

/** Voids every token given out so far, those sent by mail too. Returns the version of the tokens that are good from now on; null for an unknown person. */
export async function revokeTokens(sql: SqlRunner, id: string): Promise<number | null> {
  const { rows } = await sql.query<{ version: number }>(
    `with ended as (delete from password_resets where player_id = $1)
     update players set token_version = token_version + 1, tokens_valid_from = now() where id = $1 returning token_version as version`,
    [id],
  );
  return rows[0]?.version ?? null;
}

/** `until` null lifts the ban. False for an unknown or deleted person. */
export async function banPlayer(
  sql: SqlRunner,
  id: string,
  until: Date | null,
  reason: string | null,
): Promise<boolean> {
  const { rowCount } = await sql.query(
    "update players set banned_until = $2, ban_reason = $3 where id = $1 and kind <> 'deleted'",
    [id, until, until === null ? null : reason],
  );
  return rowCount === 1;
}

/** Replaces the password of the e-mail log-in, and voids every token. False where the person has none. */
export async function changePassword(tx: SqlRunner, id: string, passwordHash: string): Promise<boolean> {
  const person = await tx.query(
    `update players set token_version = token_version + 1, tokens_valid_from = now() where id = $1 and kind = 'account'`,
    [id],
  );
  if (person.rowCount === 0) return false;
  const changed = await tx.query(
    "update player_identities set password_hash = $2 where player_id = $1 and provider = 'email'",
    [id, passwordHash],
  );
  return changed.rowCount === 1;
}

/**
 * Removes name, credentials and identities, and unlists the person. The id stays behind, known as deleted: results, ratings
 * and events name it, and its tokens must not work again.
 */
export async function deletePlayer(tx: SqlRunner, id: string): Promise<void> {
  await tx.query(
    `update players set kind = 'deleted', name = null, name_folded = null, ban_reason = null, banned_until = null,
       token_version = token_version + 1, tokens_valid_from = now() where id = $1`,
    [id],
  );
  await tx.query("delete from player_identities where player_id = $1", [id]);
  // After the identities, on which a reset that is being added holds a lock.
  await endResets(tx, id);
  await tx.query(`update ratings set ${TOUCHED} where player_id = $1`, [id]);
}

interface IdentitySince {
  readonly provider: string;
  readonly createdAt: Date;
}

/** Ways to sign in, without their subjects. */
export async function readIdentities(sql: SqlRunner, id: string): Promise<IdentitySince[]> {
  const { rows } = await sql.query<IdentitySince>(
    `select provider, created_at as "createdAt" from player_identities where player_id = $1 order by created_at`,
    [id],
  );
  return rows;
}

/** Names of many people at once; those without one are left out. */
export async function readNames(sql: SqlRunner, ids: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await sql.query<{ id: string; name: string }>(
    "select id, name from players where id = any($1::text[]) and name is not null",
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
