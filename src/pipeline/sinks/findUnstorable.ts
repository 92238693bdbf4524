/**
 * Finds the messages of a batch that the database does not accept, whatever the reason. It stores message by message, each after
 * a savepoint, in a transaction that is never committed. This is slow but rare. Without it, one bad message would block the sink.
 *
 * Raw SQL: drizzle creates savepoints only in transactions that it begins itself, but the SQL port begins them.
 */
import type { Sql, SqlRunner } from "../../platform/sql/Sql.ts";
import type { Decoded } from "./decodeMessage.ts";
import type { Reject } from "./rejects.ts";

/**
 * PostgreSQL's error classes for invalid data, violated constraints and exceeded limits: the message causes them, not the
 * database.
 */
const DATA_ERROR = /^(22|23|54)/;

/** Thrown by a sink for a message that it cannot store. The text becomes the reject's `detail`. */
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

class Rollback extends Error {}

/**
 * @param store stores one message.
 * Rejects with any error that no message causes, such as a lost connection.
 */
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
    throw new Rollback();
  });
  await search.catch((error) => {
    if (!(error instanceof Rollback)) throw error;
  });
  return { refused, rest };
}
