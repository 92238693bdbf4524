/** Owns the rows of passwords that may be set anew: of each token its hash and its end, so that who reads them can use none. */
import { and, eq, sql as fragment, gt, lte } from "drizzle-orm";
import type { SqlRunner } from "../../platform/sql/Sql.ts";
import { passwordResets, playerIdentities } from "./schema.ts";

interface NewReset {
  readonly tokenHash: string;
  readonly playerId: string;
  readonly expiresAt: Date;
}

/** False where the person has no password (any more). Clears away what has run out. */
export async function addReset(sql: SqlRunner, reset: NewReset, now: Date): Promise<boolean> {
  await sql.orm.delete(passwordResets).where(lte(passwordResets.expiresAt, now));
  // The lock keeps this from being left behind by a deletion, or by a password set, at the same time.
  const person = sql.orm
    .select({
      tokenHash: fragment`${reset.tokenHash}`.as("token_hash"),
      playerId: playerIdentities.playerId,
      expiresAt: fragment`${fragment.param(reset.expiresAt, passwordResets.expiresAt)}`.as("expires_at"),
    })
    .from(playerIdentities)
    .where(and(eq(playerIdentities.playerId, reset.playerId), eq(playerIdentities.provider, "email")))
    .for("share");
  const { rowCount } = await sql.orm.insert(passwordResets).select(person);
  return rowCount === 1;
}

/** Whose password a token may set; null where it is unknown, used or too old. */
export async function findReset(sql: SqlRunner, tokenHash: string, now: Date): Promise<string | null> {
  const [found] = await sql.orm
    .select({ playerId: passwordResets.playerId })
    .from(passwordResets)
    .where(and(eq(passwordResets.tokenHash, tokenHash), gt(passwordResets.expiresAt, now)));
  return found?.playerId ?? null;
}

/** Ends every token of a person, and gives their hashes. */
export async function endResets(sql: SqlRunner, playerId: string): Promise<string[]> {
  const ended = await sql.orm
    .delete(passwordResets)
    .where(eq(passwordResets.playerId, playerId))
    .returning({ tokenHash: passwordResets.tokenHash });
  return ended.map(({ tokenHash }) => tokenHash);
}
