/**
 * The rows of players, their identities and their bans. Names and e-mail addresses are read and written only here. A transaction
 * that changes several rows of a player must lock the row of `players` first. Otherwise two such transactions can deadlock.
 */
import { and, asc, eq, sql as fragment, inArray, isNotNull, lt, ne, or } from "drizzle-orm";
import * as z from "zod";
import { nameKeys } from "../../../schema/nameKeys.ts";
import { buildOnce } from "../../platform/sql/buildOnce.ts";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { lockPlayers } from "./lockPlayers.ts";
import { NEXT_REVISION } from "./nextRevision.ts";
import { endResets } from "./passwordResets.ts";
import { addPlayerEvent } from "./playerEvents.ts";
import { passwordResets, playerIdentities, players, playerValues, ratings } from "./schema.ts";

export type PlayerKind = "anonymous" | "account" | "deleted";

export interface Player {
  readonly id: string;
  readonly kind: PlayerKind;
  readonly name: string | null;
  /** Tokens with another version are revoked. */
  readonly tokenVersion: number;
  /** Tokens of a studio have no version. Studio tokens that were issued before this time are revoked. */
  readonly tokensValidFrom: Date | null;
  readonly bannedUntil: Date | null;
  readonly banReason: string | null;
  readonly createdAt: Date;
  /** When an anonymous player last sent a request, up to a day less. */
  readonly seenAt: Date;
}

const COLUMNS = {
  id: players.id,
  kind: players.kind,
  name: players.name,
  tokenVersion: players.tokenVersion,
  tokensValidFrom: players.tokensValidFrom,
  bannedUntil: players.bannedUntil,
  banReason: players.banReason,
  createdAt: players.createdAt,
  seenAt: players.seenAt,
};

/** Revokes all tokens issued so far. */
const TOKENS_REVOKED = { tokenVersion: fragment`${players.tokenVersion} + 1`, tokensValidFrom: fragment`now()` };

/** `unique_violation`. */
const isTaken = (error: unknown): boolean => (error as { code?: string }).code === "23505";

const readPlayer = buildOnce((orm) =>
  orm
    .select(COLUMNS)
    .from(players)
    .where(eq(players.id, fragment.placeholder("id"))),
);

export async function findPlayer(sql: SqlRunner, id: string): Promise<Player | null> {
  const [player] = await readPlayer(sql, { id });
  return player ?? null;
}

/** Whether this could be the id of a guest: the sign-in of guests generates random UUIDs, and stores nothing. */
export const isGuestId = (id: string): boolean => z.uuidv4().safeParse(id).success;

/** Adds the row of an anonymous player if there is none. */
export async function ensureAnonymous(sql: SqlRunner, id: string): Promise<void> {
  await sql.orm.insert(players).values({ id, kind: "anonymous" }).onConflictDoNothing();
}

/** Notes that the player was seen, unless that was noted less than a day ago. */
export async function noteSeen(sql: SqlRunner, id: string): Promise<void> {
  await sql.orm
    .update(players)
    .set({ seenAt: fragment`now()` })
    .where(and(eq(players.id, id), lt(players.seenAt, fragment`now() - interval '1 day'`)));
}

interface Identified extends Player {
  readonly passwordHash: string | null;
}

export async function findByIdentity(sql: SqlRunner, provider: string, subject: string): Promise<Identified | null> {
  // PostgreSQL cannot store a text with NUL, so no identity contains one.
  if (subject.includes("\0")) return null;
  const [found] = await sql.orm
    .select({ ...COLUMNS, passwordHash: playerIdentities.passwordHash })
    .from(playerIdentities)
    .innerJoin(players, eq(players.id, playerIdentities.playerId))
    .where(and(eq(playerIdentities.provider, provider), eq(playerIdentities.subject, subject)));
  return found ?? null;
}

interface NewIdentity {
  readonly provider: string;
  readonly subject: string;
  readonly passwordHash: string | null;
}

/**
 * Adds a way to sign in, which turns an anonymous player into an account. Adds the player if there is none. Resolves to false
 * if another player has the identity, or if the player is already an account: the caller must then roll back.
 */
export async function addIdentity(tx: SqlRunner, playerId: string, identity: NewIdentity): Promise<boolean> {
  const upgraded = await tx.orm
    .insert(players)
    .values({ id: playerId, kind: "account" })
    .onConflictDoUpdate({ target: players.id, set: { kind: "account" }, setWhere: eq(players.kind, "anonymous") });
  if (upgraded.rowCount === 0) return false;
  const { provider, subject, passwordHash } = identity;
  const added = await tx.orm
    .insert(playerIdentities)
    .values({ provider, subject, playerId, passwordHash })
    .onConflictDoNothing();
  // The kind of a player may decide whether the ranking lists them.
  await reviseRatings(tx, playerId);
  return added.rowCount === 1;
}

const UNNAMED = { name: null, nameFolded: null, nameShown: null };

/** Resolves to false if another account has an equal name. Anonymous players may share names. */
export async function renamePlayer(
  sql: SqlRunner,
  id: string,
  name: string,
  kind: Exclude<PlayerKind, "deleted">,
): Promise<boolean> {
  const keys = kind === "account" ? nameKeys(name) : null;
  try {
    await sql.orm
      .update(players)
      .set({ name, nameFolded: keys?.folded ?? null, nameShown: keys?.shown ?? null })
      .where(eq(players.id, id));
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

export async function removeName(sql: SqlRunner, id: string): Promise<void> {
  await sql.orm.update(players).set(UNNAMED).where(eq(players.id, id));
}

/** Resolves to whether no other account has an equal name. */
export async function isNameFree(sql: SqlRunner, name: string, playerId: string): Promise<boolean> {
  const { folded, shown } = nameKeys(name);
  const others = await sql.orm
    .select({ id: players.id })
    .from(players)
    .where(and(or(eq(players.nameFolded, folded), eq(players.nameShown, shown)), ne(players.id, playerId)));
  return others.length === 0;
}

/**
 * Revokes all tokens issued so far, including password resets. Resolves to the version of new tokens; null for an unknown
 * player.
 */
export async function revokeTokens(sql: SqlRunner, id: string): Promise<number | null> {
  const ended = sql.orm.$with("ended").as(sql.orm.delete(passwordResets).where(eq(passwordResets.playerId, id)));
  const [revoked] = await sql.orm
    .with(ended)
    .update(players)
    .set(TOKENS_REVOKED)
    .where(eq(players.id, id))
    .returning({ version: players.tokenVersion });
  return revoked?.version ?? null;
}

/**
 * A null `until` lifts the ban. Resolves to false for an unknown or deleted player. A guest who has only signed in has no row yet,
 * so a ban adds one.
 */
export async function banPlayer(
  sql: SqlRunner,
  id: string,
  until: Date | null,
  reason: string | null,
): Promise<boolean> {
  if (until !== null && isGuestId(id)) await ensureAnonymous(sql, id);
  const { rowCount } = await sql.orm
    .update(players)
    .set({ bannedUntil: until, banReason: until === null ? null : reason })
    .where(and(eq(players.id, id), ne(players.kind, "deleted")));
  return rowCount === 1;
}

/** Replaces the password of the e-mail log-in, and revokes all tokens. Resolves to false if the player has no such log-in. */
export async function changePassword(tx: SqlRunner, id: string, passwordHash: string): Promise<boolean> {
  const player = await tx.orm
    .update(players)
    .set(TOKENS_REVOKED)
    .where(and(eq(players.id, id), eq(players.kind, "account")));
  if (player.rowCount === 0) return false;
  const changed = await tx.orm
    .update(playerIdentities)
    .set({ passwordHash })
    .where(and(eq(playerIdentities.playerId, id), eq(playerIdentities.provider, "email")));
  return changed.rowCount === 1;
}

/**
 * Removes name, credentials, identities and what games keep about the player, and removes the player from the ranking. The id remains, marked as deleted: match
 * results, ratings and events refer to it, and its tokens must stay invalid.
 */
export async function deletePlayer(tx: SqlRunner, id: string): Promise<void> {
  const forgotten = { ...UNNAMED, banReason: null, bannedUntil: null };
  const { rowCount } = await tx.orm
    .update(players)
    .set({ kind: "deleted", ...forgotten, ...TOKENS_REVOKED })
    .where(and(eq(players.id, id), ne(players.kind, "deleted")));
  await tx.orm.delete(playerIdentities).where(eq(playerIdentities.playerId, id));
  await tx.orm.delete(playerValues).where(eq(playerValues.playerId, id));
  // After the identities: a reset that is being added holds a lock on them.
  await endResets(tx, id);
  await reviseRatings(tx, id);
  // Otherwise there is no such player, or the player is deleted already.
  if (rowCount === 1) await addPlayerEvent(tx, { kind: "deleted", player: id });
}

/** The lock keeps this from a deadlock with a transaction that records the player's matches of several modes. */
async function reviseRatings(tx: SqlRunner, id: string): Promise<void> {
  await lockPlayers(tx, { players: [id] });
  await tx.orm.update(ratings).set(NEXT_REVISION).where(eq(ratings.playerId, id));
}

interface IdentitySince {
  readonly provider: string;
  readonly createdAt: Date;
}

/** The player's ways to sign in, without e-mail addresses and other subjects. */
export async function readIdentities(sql: SqlRunner, id: string): Promise<IdentitySince[]> {
  return sql.orm
    .select({ provider: playerIdentities.provider, createdAt: playerIdentities.createdAt })
    .from(playerIdentities)
    .where(eq(playerIdentities.playerId, id))
    .orderBy(asc(playerIdentities.createdAt));
}

/** Names by player id. Players without a name are left out. */
export async function readNames(sql: SqlRunner, ids: readonly string[]): Promise<Map<string, string>> {
  const named = await sql.orm
    .select({ id: players.id, name: players.name })
    .from(players)
    .where(and(inArray(players.id, [...ids]), isNotNull(players.name)));
  return new Map(named.map(({ id, name }) => [id, name!]));
}
