/** The two databases behind the SQL port, for tests. Each can be killed, and restarts with its data. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { EmbeddedServer } from "../../../src/platform/sql/EmbeddedServer.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { limitDatabase, limitWarehouse } from "../../tools/services/leastPrivileges.ts";
import { asAdmin } from "./asAdmin.ts";

/** Who uses PostgreSQL: the user of deploy/privileges for that database, or the administrator, for tests of the port itself. */
export type SqlUser = "operational" | "warehouse" | "administrator";

export interface SqlServer {
  /** The variable that problems name. */
  readonly variable: string;
  /** For processes that a test starts. */
  readonly url: string;
  /** Opens further connections to the same database. */
  open(): Sql;
  /** Runs statements of the test itself, which the user may not run. */
  asAdmin(...statements: readonly string[]): Promise<void>;
  /** Deletes the schemas of the sinks, as if nothing was stored yet. */
  wipe(): Promise<void>;
  kill(): Promise<void>;
  /** Resolves when it responds again. */
  revive(): Promise<void>;
  stop(): Promise<void>;
}

const WIPE = "DROP SCHEMA IF EXISTS dw, results CASCADE";

const urlOf: Readonly<Record<SqlUser, (adminUrl: string) => Promise<string>>> = {
  operational: async (adminUrl) => (await limitDatabase(adminUrl)).runtime,
  warehouse: async (adminUrl) => (await limitWarehouse(adminUrl)).WAREHOUSE_URL,
  administrator: async (adminUrl) => adminUrl,
};

export async function postgresServer(as: SqlUser): Promise<SqlServer> {
  const services: Services = await startServices(["postgres"]);
  const adminUrl = await services.createDatabase();
  const url = await urlOf[as](adminUrl);
  return {
    variable: "WAREHOUSE_URL",
    url,
    open: () => new PgSql({ variable: "WAREHOUSE_URL", url }),
    asAdmin: (...statements) => asAdmin(adminUrl, ...statements.map((text) => [text] as const)),
    async wipe() {
      await asAdmin(adminUrl, [WIPE]);
      await urlOf[as](adminUrl);
    },
    kill: () => services.kill("postgres"),
    revive: () => services.restart("postgres"),
    stop: () => services.stop(),
  };
}

export async function embeddedServer(): Promise<SqlServer> {
  const directory = mkdtempSync(path.join(tmpdir(), "hypogeum-test-sql-"));
  const server = await EmbeddedServer.start(directory);
  const open = () => new PgSql({ variable: "DATA_DIR", url: server.url, connectionsMax: 4, isEmbedded: true });
  const run = (...statements: readonly string[]) => asAdmin(server.url, ...statements.map((text) => [text] as const));
  return {
    variable: "DATA_DIR",
    url: server.url,
    open,
    asAdmin: run,
    wipe: () => run(WIPE),
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

export const sqlServers: readonly (readonly [name: string, start: (as: SqlUser) => Promise<SqlServer>])[] = [
  ["PostgreSQL", postgresServer],
  ["PGlite", embeddedServer],
];
