/**
 * drizzle-orm's query builder over whatever runs statements. It keeps the promises of the SQL port where drizzle's own set-up breaks them:
 *
 * - Errors are PostgreSQL's own. drizzle wraps them in an error whose text lists the statement's parameters, and they must not reach a log.
 * - Values are parsed as the port says: drizzle would get a `bigint` inside a `sql` fragment as text.
 * - No statement is ever named, even by `prepare(name)`: names are shared by all connections to PGlite.
 * - It opens no transaction: on a pool its statements would run on several connections.
 */
import { DrizzleQueryError } from "drizzle-orm";
import { type NodePgClient, NodePgDatabase, NodePgSession } from "drizzle-orm/node-postgres";
import { PgDialect } from "drizzle-orm/pg-core";
import type { QueryResult } from "pg";

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Rows as arrays: columns of two tables may have the same name. */
  readonly rowMode?: "array";
}

export type RunStatement = (statement: Statement) => Promise<QueryResult>;

export type Orm = NodePgDatabase & { readonly run: RunStatement };

export function openOrm(run: RunStatement): Orm {
  const dialect = new PgDialect();
  const orm = new NodePgDatabase(dialect, new OrmSession(run, dialect), undefined);
  return Object.assign(orm as NodePgDatabase, { run });
}

/** The part of node-postgres's client that drizzle's session uses. */
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
    return Promise.reject(new Error("drizzle's transactions are not supported: use the SQL port's transaction()"));
  }
}

function throwCause(error: unknown): never {
  throw error instanceof DrizzleQueryError ? error.cause : error;
}
