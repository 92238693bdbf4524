/** Owns the choice between a PostgreSQL server and PGlite in a child process. */
import { EmbeddedServer } from "./EmbeddedServer.ts";
import { PgSql } from "./PgSql.ts";
import type { Sql } from "./Sql.ts";

type SqlOptions =
  /** `variable`: DATABASE_URL or WAREHOUSE_URL, for messages. */
  | { readonly variable: string; readonly url: string; readonly connectionsMax?: number }
  /** A directory for PGlite's files, made where it is missing. One program at a time may hold it. */
  | { readonly embedded: string };

/**
 * Connects lazily to a server; starts PGlite and waits until it answers. Rejects with one line where the URL is no
 * PostgreSQL URL, or the directory cannot be used.
 */
export async function openSql(options: SqlOptions): Promise<Sql> {
  if (!("embedded" in options)) return new PgSql(options);
  const server = await EmbeddedServer.start(options.embedded);
  const sql = new PgSql({ variable: "DATA_DIR", url: server.url, connectionsMax: 4 });
  const closePool = sql.close.bind(sql);
  return Object.assign(sql, {
    async close(): Promise<void> {
      await closePool();
      await server.stop();
    },
  });
}

/**
 * The embedded database for a command: through the program that has it open, or opened for as long as the command takes.
 */
export async function joinEmbedded(directory: string): Promise<Sql> {
  const url = EmbeddedServer.runningAt(directory);
  if (url !== null) {
    const sql = new PgSql({ variable: "DATA_DIR", url, connectionsMax: 2 });
    try {
      await sql.check();
      return sql;
    } catch {
      // Left behind by a program that was killed.
      await sql.close();
    }
  }
  return openSql({ embedded: directory });
}
