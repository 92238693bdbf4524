import { randomUUID } from "node:crypto";
import { openSql } from "../../src/platform/sql/openSql.ts";
import { type TokenSubject, Tokens } from "../../src/players/auth/Tokens.ts";

/**
 * Creates `count` players and returns their tokens. Writes to the database directly, because the API limits the rate of sign-ins.
 * The tables must exist. `secret` is the program's JWT_SECRET.
 */
export async function createPlayers(
  databaseUrl: string,
  secret: string,
  kind: TokenSubject["kind"],
  count: number,
): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const sql = await openSql({ variable: "DATABASE_URL", url: databaseUrl });
  try {
    await sql.query("INSERT INTO players (id, kind) SELECT id, $2 FROM unnest($1::text[]) id", [ids, kind]);
  } finally {
    await sql.close();
  }
  const tokens = new Tokens(secret);
  return Promise.all(ids.map((playerId) => tokens.sign({ playerId, kind })));
}
