/**
 * Owns the search for the messages of a batch that the database will not have, whatever the reason: in a transaction
 * that is never committed, message by message, each behind a savepoint. Rare and slow; the price of never standing still.
 *
 * Raw SQL: savepoints. drizzle sets them in its own transactions only, and transactions are the SQL port's.
 */
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import type { Decoded } from "./decodeMessage.ts";
import type { Reject } from "./rejects.ts";

/** Data exceptions, constraints, sizes: what a message is to blame for, rather than the database. */
const DATA_ERROR = /^(22|23|54)/;

/** Thrown by a sink for a message that it cannot store; its text becomes the reject's detail. */
export class UnstorableMessage extends Error {
  override readonly name = "UnstorableMessage";
}

export function isMessageError(error: unknown): boolean {
  return error instanceof UnstorableMessage || DATA_ERROR.test((error as { code?: string }).code ?? "");
}

function detailOf(error: unknown): string {
  if (error instanceof UnstorableMessage) return error.message;
  const { code, constraint = "" } = error as { code?: string; constraint?: string };
  return `PostgreSQL ${code} ${constraint}`.trim();
}

class Undo extends Error {}

/** @param store stores one message. */
export async function findUnstorable<D extends Exclude<Decoded, { type: "rejected" }>>(
  sql: Sql,
  messages: readonly D[],
  store: (tx: SqlRunner, message: D) => Promise<unknown>,
): Promise<{ refused: Reject[]; rest: D[] }> {
  const refused: Reject[] = [];
  const rest: D[] = [];
  const search = sql.transaction(async (tx) => {
    for (const decoded of messages) {
      await tx.query("SAVEPOINT message");
      try {
        await store(tx, decoded);
        await tx.query("RELEASE SAVEPOINT message");
        rest.push(decoded);
      } catch (error) {
        if (!isMessageError(error)) throw error;
        await tx.query("ROLLBACK TO SAVEPOINT message");
        refused.push({ message: decoded.message, reason: "refused", detail: detailOf(error) });
      }
    }
    throw new Undo();
  });
  await search.catch((error) => {
    if (!(error instanceof Undo)) throw error;
  });
  return { refused, rest };
}
