/**
 * Changes of tables and views that wait only briefly for those who use them. While a change waits for a query that runs for an hour,
 * all other queries that begin to use the table or view wait behind the change.
 */
import { isUnavailable } from "../../../platform/sql/DatabaseUnavailable.ts";
import type { Sql, SqlRunner } from "../../../platform/sql/Sql.ts";

/** For what can be done later. */
const LOCK_WAIT_MS = 2_000;
const LOCK_NOT_AVAILABLE = "55P03";

/** Call it after `lockSchema`, whose wait for another process need not be short. It applies to the rest of the transaction. */
export async function limitLockWaits(tx: SqlRunner, waitMs = LOCK_WAIT_MS): Promise<void> {
  await tx.query("SELECT set_config('lock_timeout', $1, true)", [`${waitMs}ms`]);
}

/** A table or view could not be changed, because others were using it. The message is one line and says what to do. */
export class StillInUse extends Error {
  readonly relation: string;
  readonly change: string;

  /** @param change completes the sentence `dw.fact_move cannot …`. */
  constructor(relation: string, change: string, users = "others use it") {
    super(
      `${relation} cannot ${change} while ${users}; wait until their transactions have ended, or end them with pg_terminate_backend`,
    );
    this.relation = relation;
    this.change = change;
  }
}

/** Runs a statement that changes `relation`. Rejects with `StillInUse` if others use it. */
export async function alter(tx: SqlRunner, relation: string, change: string, statement: string): Promise<void> {
  try {
    await tx.query(statement);
  } catch (error) {
    if (isUnavailable(error) && error.code === LOCK_NOT_AVAILABLE) throw new StillInUse(relation, change);
    throw error;
  }
}

/** Adds to the error `StillInUse` of `work` who uses the table or view. */
export async function namingUsers<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StillInUse)) throw error;
    const users = await usersOf(sql, error.relation).catch(() => []);
    throw users.length === 0
      ? error
      : new StillInUse(error.relation, error.change, `it is in use by ${users.join(", ")}`);
  }
}

/** Only a transaction of this user shows how old it is. Those of other users are all listed. */
async function usersOf(sql: Sql, relation: string): Promise<string[]> {
  const { rows } = await sql.query<{ user: string | null; kind: string; pid: number }>(
    `SELECT DISTINCT usename AS user, backend_type AS kind, pid FROM pg_stat_activity
     JOIN pg_locks USING (pid)
     WHERE granted AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (relation = $1::regclass OR relation IN (SELECT relid FROM pg_partition_tree($1::regclass)))
       AND (usename IS DISTINCT FROM current_user OR xact_start < now() - $2 * interval '1 ms') ORDER BY pid`,
    [relation, LOCK_WAIT_MS],
  );
  return rows.map(({ user, kind, pid }) => `${user === null ? kind : `user "${user}"`} (process ${pid})`);
}
