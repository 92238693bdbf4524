import { EmbeddedServer } from "./EmbeddedServer.ts";
import { type PgOptions, PgSql } from "./PgSql.ts";
import type { Sql } from "./Sql.ts";

type SqlOptions =
  | PgOptions
  /** A directory for PGlite's files, created if it is missing. Only one program at a time can use it. */
  | ({ readonly embedded: string } & Pick<PgOptions, "limitMs" | "onProblem">);

/**
 * Returns a client of a PostgreSQL server (connects at the first query), or starts PGlite in a child process and waits until it
 * is ready. Rejects with a one-line error if the URL is not that of a PostgreSQL database, or if the directory cannot be used.
 */
export async function openSql(options: SqlOptions): Promise<Sql> {
  if (!("embedded" in options)) return new PgSql(options);
  const { embedded, ...rest } = options;
  const server = await EmbeddedServer.start(embedded);
  const sql = new PgSql({ ...rest, variable: "DATA_DIR", url: server.url, connectionsMax: 4, isEmbedded: true });
  const closePool = sql.close.bind(sql);
  return Object.assign(sql, {
    async close(): Promise<void> {
      await closePool();
      await server.stop();
    },
  });
}

/** How long a running program may take to accept a connection, on a busy machine or while it executes a large transaction. */
const BUSY_MS = 60_000;

/**
 * Connects a command to the embedded database. If a program has it open, connects through that program; otherwise opens it in
 * this process.
 */
export async function connectEmbedded(directory: string, limitMs: number): Promise<Sql> {
  const url = EmbeddedServer.readAddress(directory);
  if (url !== null) {
    const options = { variable: "DATA_DIR", connectionsMax: 2, isEmbedded: true };
    const sql = new PgSql({ ...options, url, limitMs, connectTimeoutMs: BUSY_MS });
    try {
      // Without the short limit of `check`: the program may be busy.
      await sql.query("SELECT 1");
      return sql;
    } catch {
      // The URL was left behind by a program that was killed.
      await sql.close();
    }
  }
  return openSql({ embedded: directory, limitMs });
}
