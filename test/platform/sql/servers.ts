/** The two databases behind the SQL port, for tests. Each can be killed, and restarts with its data. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EmbeddedServer } from "../../../src/platform/sql/EmbeddedServer.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";

export interface SqlServer {
  /** The variable that problems name. */
  readonly variable: string;
  /** For processes that a test starts. */
  readonly url: string;
  /** Opens further connections to the same database. */
  open(): Sql;
  kill(): Promise<void>;
  /** Resolves when it responds again. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

export async function postgresServer(): Promise<SqlServer> {
  const services: Services = await startServices(["postgres"]);
  const url = await services.createDatabase();
  return {
    variable: "WAREHOUSE_URL",
    url,
    open: () => new PgSql({ variable: "WAREHOUSE_URL", url }),
    kill: () => services.kill("postgres"),
    revive: () => services.restart("postgres"),
    stop: () => services.stop(),
  };
}

export async function embeddedServer(): Promise<SqlServer> {
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-test-sql-"));
  const server = await EmbeddedServer.start(directory);
  const open = () => new PgSql({ variable: "DATA_DIR", url: server.url, connectionsMax: 4, isEmbedded: true });
  return {
    variable: "DATA_DIR",
    url: server.url,
    open,
    async kill() {
      const { pid } = server;
      process.kill(pid!, "SIGKILL");
      while (server.pid === pid) await delay(5);
    },
    async revive() {
      const sql = open();
      while (
        !(await sql.check().then(
          () => true,
          () => delay(50, false),
        ))
      );
      await sql.close();
    },
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export const sqlServers: readonly (readonly [name: string, start: () => Promise<SqlServer>])[] = [
  ["PostgreSQL", postgresServer],
  ["PGlite", embeddedServer],
];
