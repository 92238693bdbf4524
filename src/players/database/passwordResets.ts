/** The rows of pending password resets. They hold only hashes of tokens, so nobody can use a token after reading the table. */
import { and, eq, sql as fragment, gt, lte } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { passwordResets, playerIdentities } from "./schema.ts";

interface NewReset {
  readonly tokenHash: string;
  readonly playerId: string;
  readonly expiresAt: Date;
}

/** Adds a reset, and deletes all expired ones. Resolves to false if the player has no password (any more). */
export async function addReset(sql: SqlRunner, reset: NewReset, now: Date): Promise<boolean> {
  await sql.orm.delete(passwordResets).where(lte(passwordResets.expiresAt, now));
  // The lock delays a concurrent deletion or password change of the player, which then deletes this row too.
  const player = sql.orm
    .select({
      tokenHash: fragment`${reset.tokenHash}`.as("token_hash"),
      playerId: playerIdentities.playerId,
      expiresAt: fragment`${fragment.param(reset.expiresAt, passwordResets.expiresAt)}`.as("expires_at"),
    })
    .from(playerIdentities)
    .where(and(eq(playerIdentities.playerId, reset.playerId), eq(playerIdentities.provider, "email")))
    .for("share");
  const { rowCount } = await sql.orm.insert(passwordResets).select(player);
  return rowCount === 1;
}

/** Resolves to the id of the player whose password the token may set; null if the token is unknown, used or expired. */
export async function findReset(sql: SqlRunner, tokenHash: string, now: Date): Promise<string | null> {
  const [found] = await sql.orm
    .select({ playerId: passwordResets.playerId })
    .from(passwordResets)
    .where(and(eq(passwordResets.tokenHash, tokenHash), gt(passwordResets.expiresAt, now)));
  return found?.playerId ?? null;
}

/** Deletes all resets of a player, and resolves to their hashes. */
export async function endResets(sql: SqlRunner, playerId: string): Promise<string[]> {
  const ended = await sql.orm
    .delete(passwordResets)
    .where(eq(passwordResets.playerId, playerId))
    .returning({ tokenHash: passwordResets.tokenHash });
  return ended.map(({ tokenHash }) => tokenHash);
}
