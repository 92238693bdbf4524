/**
 * drizzle-orm's query builder over any function that runs statements. It differs from drizzle's own set-up in order to follow
 * the SQL port:
 *
 * - Errors are those of PostgreSQL. drizzle wraps them in an error whose text lists the parameters, and parameters must not be
 * logged.
 * - Values are parsed as `Sql.ts` documents. drizzle would return a `bigint` from a `sql` fragment as text.
 * - No statement is named, not even by `prepare(name)`, because all connections to PGlite share their names.
 * - It cannot open a transaction: on a pool, its statements would run on several connections.
 */
import { DrizzleQueryError } from "drizzle-orm";
import { type NodePgClient, NodePgDatabase, NodePgSession } from "drizzle-orm/node-postgres";
import { PgDialect } from "drizzle-orm/pg-core";
import type { QueryResult } from "pg";

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Returns rows as arrays, because columns of two tables may have the same name. */
  readonly rowMode?: "array";
}

export type RunStatement = (statement: Statement) => Promise<QueryResult>;

export type Orm = NodePgDatabase & { readonly run: RunStatement };

export function openOrm(run: RunStatement): Orm {
  const dialect = new PgDialect();
  const orm = new NodePgDatabase(dialect, new OrmSession(run, dialect), undefined);
  return Object.assign(orm as NodePgDatabase, { run });
}

/** Implements only the part of node-postgres's client that drizzle's session uses. */
function clientOver(run: RunStatement): NodePgClient {
  const query = ({ text, rowMode }: Statement, values: readonly unknown[]) => run({ text, values, rowMode });
  return { query } as unknown as NodePgClient;
}

class OrmSession extends NodePgSession<Record<string, never>, Record<string, never>> {
  constructor(run: RunStatement, dialect: PgDialect) {
    super(clientOver(run), dialect, undefined);
  }

  override prepareQuery(...query: Parameters<NodePgSession<any, any>["prepareQuery"]>) {
    const prepared = super.prepareQuery<any>(...query);
    const execute = prepared.execute.bind(prepared);
    prepared.execute = (values) => execute(values).catch(throwCause);
    return prepared;
  }

  override transaction(): Promise<never> {
    return Promise.reject(
      new Error("drizzle's transactions are not supported: use transaction() of the `Sql` interface"),
    );
  }
}

function throwCause(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error;
}
