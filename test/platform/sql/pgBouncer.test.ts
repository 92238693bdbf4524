/** PgBouncer with transaction pooling: each transaction may get another connection to the server, and none keeps its settings. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { openSql } from "../../../src/platform/sql/openSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { useServices } from "../../tools/services/useServices.ts";
import { asAdmin } from "./asAdmin.ts";
import { PgBouncer } from "./PgBouncer.ts";

const POOLED = ["pool_mode = transaction", "default_pool_size = 1"];
const SETTINGS = `SELECT current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS statement,
  current_setting('idle_in_transaction_session_timeout') AS idle`;
const OURS = { zone: "UTC", statement: "20s", idle: "20s" };
const THEIRS = { zone: "Asia/Tokyo", statement: "0", idle: "0" };

describe("a database behind PgBouncer", function () {
  this.timeout(240_000);
  const services = useServices("postgres");
  let direct: string;
  const opened: Sql[] = [];
  let bouncer: PgBouncer;
  before(async () => {
    direct = await services().createDatabase();
    await asAdmin(direct, [`ALTER DATABASE ${new URL(direct).pathname.slice(1)} SET timezone = 'Asia/Tokyo'`]);
  });
  afterEach(async () => {
    for (const sql of opened.splice(0)) await sql.close();
    await bouncer.stop();
  });
  after(() => services().dropDatabase(direct));

  async function open(settings: readonly string[], change: (url: URL) => void = () => {}): Promise<Sql> {
    bouncer = await PgBouncer.start(direct, [...POOLED, ...settings]);
    const url = new URL(bouncer.url);
    change(url);
    const sql = await openSql({ variable: "DATABASE_URL", url: url.href, limitMs: 20_000 });
    opened.push(sql);
    return sql;
  }

  for (const [name, settings] of [
    ["its default settings", []],
    ["ignore_startup_parameters = options", ["ignore_startup_parameters = options"]],
  ] as const)
    it(`works with ${name}, with the time zone and the time limits of this program, and leaves none of them behind`, async () => {
      const sql = await open(settings);
      await sql.check();
      const other = new pg.Client({ connectionString: bouncer.url });
      await other.connect();
      for (let round = 0; round < 3; round++) {
        assert.deepEqual((await sql.query(SETTINGS)).rows, [OURS]);
        const inside = await sql.transaction(async (tx) => (await tx.query(SETTINGS)).rows);
        assert.deepEqual(inside, [{ ...OURS, idle: "10s" }]);
        assert.deepEqual((await other.query(SETTINGS)).rows, [THEIRS]);
      }
      await other.end();
      assert.equal((await migrate(sql)) >= 0, true);
      assert.equal(await migrate(sql), 0);
    });

  it("does not mix the statements of many transactions on one connection of the server", async () => {
    const sql = await open([]);
    const results = Array.from({ length: 40 }, (_, at) =>
      at % 2 === 0
        ? sql.query("SELECT $1::int AS at", [at])
        : sql.transaction((tx) => tx.query("SELECT $1::int AS at", [at])),
    );
    assert.deepEqual(
      (await Promise.all(results)).map(({ rows }) => rows[0].at),
      Array.from({ length: 40 }, (_, at) => at),
    );
  });

  it("ends a statement that takes too long, on the server too", async () => {
    bouncer = await PgBouncer.start(direct, POOLED);
    const sql = await openSql({ variable: "DATABASE_URL", url: bouncer.url, limitMs: 2000 });
    opened.push(sql);
    const late = { name: "DatabaseUnavailable", message: /^DATABASE_URL: / };
    await assert.rejects(sql.query("SELECT pg_sleep(600)"), late);
    await assert.rejects(
      sql.transaction((tx) => tx.query("SELECT pg_sleep(600)")),
      late,
    );
    const watcher = await openSql({ variable: "DATABASE_URL", url: direct });
    opened.push(watcher);
    const running = "SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'";
    while ((await watcher.query(running)).rowCount > 0) await delay(100);
  });

  it("reports in one line the variable and the remedy if PgBouncer refuses a parameter of the URL", async () => {
    const sql = await open([], (url) => url.searchParams.set("options", "-c work_mem=1MB"));
    await assert.rejects(sql.check(), (error: Error) => {
      assert.match(
        error.message,
        /^DATABASE_URL: 127\.0\.0\.1:\d+ refused the connection \(unsupported startup parameter: options\): remove it from the URL .*$/,
      );
      return true;
    });
  });
});
