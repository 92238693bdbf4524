/** One installation as its processes and the command `migrate -- --adopt` see it, on real services, without a program. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Redis } from "ioredis";
import pg from "pg";
import { adopt } from "../../../src/main/installation/adopt.ts";
import { Installation } from "../../../src/main/installation/Installation.ts";
import { Places } from "../../../src/main/installation/Places.ts";
import { readConfig } from "../../../src/platform/config/readConfig.ts";
import { Health } from "../../../src/platform/health/Health.ts";
import { silent } from "../../../src/platform/logging/Logger.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { migrate } from "../../../src/players/database/migrate.ts";

export class InstallationUnderTest {
  readonly health = new Health(silent);
  readonly dataDir: string;
  readonly #env: Record<string, string>;
  /** Of the database. */
  readonly url: string;
  #sql: Sql | null = null;
  readonly #running: Installation[] = [];

  /** @param env with DATABASE_URL */
  constructor(env: Record<string, string>) {
    this.dataDir = mkdtempSync(path.join(os.tmpdir(), "hypogeum-installation-"));
    this.#env = env;
    this.url = env.DATABASE_URL;
  }

  /** Starts a process. Rejects as a start does that is refused. */
  async start(): Promise<Installation> {
    const installation = new Installation({
      places: await this.#places(),
      ...{ migrated: Promise.resolve(), health: this.health, log: silent },
      startWithinMs: 600_000,
    });
    this.#running.push(installation);
    await installation.compareAtStart();
    return installation;
  }

  /** The line of a refused start. */
  async refusal(): Promise<string> {
    const outcome = await this.start().catch((error: Error) => error);
    if (outcome instanceof Installation) throw new Error("it started");
    return outcome.message;
  }

  /** Stops its processes. Time passes until they count as stopped, if `isLongAgo`. */
  async stop(isLongAgo: boolean): Promise<void> {
    await Promise.all(this.#running.splice(0).map((installation) => installation.stop()));
    if (!isLongAgo) return;
    await this.query("update store_identity set seen_at = now() - interval '61 seconds'");
    if (this.#env.REDIS_URL === undefined) return;
    const redis = new Redis(this.#env.REDIS_URL);
    const [nowSeconds] = await redis.time();
    await redis.hset(`${this.#env.NAMESPACE}installation`, "seen", Number(nowSeconds) - 61);
    redis.disconnect();
  }

  async adopt(): Promise<string> {
    const places = await this.#places();
    return (await adopt(places).finally(() => places.close())).join("\n");
  }

  async id(): Promise<string> {
    return (await this.query("select id from store_identity")).rows[0].id;
  }

  async query(text: string): Promise<pg.QueryResult> {
    const client = new pg.Client(this.url);
    await client.connect();
    return client.query(text).finally(() => client.end());
  }

  async end(): Promise<void> {
    await this.stop(false);
    await this.#sql?.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #places(): Promise<Places> {
    const config = readConfig([], { DATA_DIR: this.dataDir, ...this.#env });
    if (this.#sql === null) {
      this.#sql = new PgSql({ variable: "DATABASE_URL", url: this.url, connectTimeoutMs: 600_000 });
      await migrate(this.#sql);
    }
    return new Places(config, this.#sql, silent);
  }
}
