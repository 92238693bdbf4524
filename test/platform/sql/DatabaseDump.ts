/** A copy of a database at one moment, from which the database can be restored while clients try to use it. */
import { randomBytes } from "node:crypto";
import pg from "pg";

export class DatabaseDump {
  readonly #url: string;
  readonly #name: string;

  private constructor(url: string) {
    this.#url = url;
    this.#name = `dump_${randomBytes(6).toString("hex")}`;
  }

  /** Copies the database. Its clients lose their connections. */
  static async take(url: string): Promise<DatabaseDump> {
    const dump = new DatabaseDump(url);
    await dump.#administer(async (run, database) => {
      await disconnect(run, database);
      await run(`CREATE DATABASE ${dump.#name} TEMPLATE ${database}`);
      await run(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
    });
    return dump;
  }

  /** Replaces the database by the copy, which can be used again. */
  async restore(): Promise<void> {
    await this.#administer(async (run, database) => {
      await disconnect(run, database);
      await run(`DROP DATABASE ${database} WITH (FORCE)`);
      await run(`CREATE DATABASE ${database} TEMPLATE ${this.#name}`);
    });
  }

  async drop(): Promise<void> {
    await this.#administer(async (run) => run(`DROP DATABASE ${this.#name}`));
  }

  async #administer(work: (run: (sql: string) => Promise<unknown>, database: string) => Promise<unknown>) {
    const server = new URL(this.#url);
    const database = pg.escapeIdentifier(server.pathname.slice(1));
    server.pathname = "/postgres";
    const client = new pg.Client({ connectionString: server.href });
    await client.connect();
    try {
      await work((sql) => client.query(sql), database);
    } finally {
      await client.end();
    }
  }
}

async function disconnect(run: (sql: string) => Promise<unknown>, database: string): Promise<void> {
  await run(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
  await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database.replaceAll('"', "")}'`);
}
