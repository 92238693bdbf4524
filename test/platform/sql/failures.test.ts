/** A PostgreSQL server that works badly: it does not answer, refuses writes, has no space, or denies a privilege. */
import assert from "node:assert/strict";
import { isUnavailable } from "../../../src/platform/sql/DatabaseUnavailable.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";
import { asAdmin } from "./asAdmin.ts";
import { SilentServer } from "./SilentServer.ts";

const LIMIT_MS = 1000;

describe("a failing PostgreSQL server", function () {
  this.timeout(240_000);
  let services: Services;
  let url: string;
  let sql: Sql;
  let reported: string[];
  before(async () => {
    services = await startServices(["postgres"]);
    url = await services.createDatabase();
  });
  beforeEach(async () => {
    reported = [];
    sql = open(url);
    await sql.query("CREATE TABLE IF NOT EXISTS entries (id integer PRIMARY KEY)");
  });
  afterEach(() => sql.close());
  after(() => services.stop());

  const open = (at: string, limitMs = 20_000) =>
    new PgSql({
      ...{ variable: "DATABASE_URL", url: at, limitMs },
      onProblem: (operation, line) => reported.push(line === null ? `${operation} work` : `${operation}: ${line}`),
    });
  const read = () => sql.query("SELECT id FROM entries");
  const write = () => sql.query("INSERT INTO entries VALUES (1) ON CONFLICT DO NOTHING");

  it("that is frozen lets every query and transaction end in time, on old connections and on new ones", async () => {
    const hasty = open(url, LIMIT_MS);
    await hasty.query("SELECT 1");
    const within = hasty.transaction(async (tx) => {
      await tx.query("INSERT INTO entries VALUES (7)");
      await services.pause("postgres");
      await tx.query("INSERT INTO entries VALUES (8)");
    });
    await assert.rejects(within, isUnavailable);
    const works = Array.from({ length: 30 }, (_, at) =>
      at % 2 === 0 ? hasty.query("SELECT 1") : hasty.transaction((tx) => tx.query("SELECT 1")),
    );
    for (const result of await Promise.allSettled([...works, hasty.check()])) {
      assert.equal(result.status, "rejected");
      assert.equal(isUnavailable(result.reason), true, String(result.reason));
      assert.match(result.reason.message, /^DATABASE_URL: .* within \d+ ms$/);
    }
    assert.match(hasty.problem()!, /^DATABASE_URL: /);
    await services.resume("postgres");
    while (hasty.problem() !== null) await hasty.check().catch(() => {});
    assert.deepEqual((await read()).rows, []);
    await hasty.close();
  });

  it("that accepts connections and answers nothing lets every query end in time", async () => {
    const silent = await SilentServer.start();
    const other = new URL(url);
    other.port = String(silent.port);
    const hasty = open(other.href, LIMIT_MS);
    await assert.rejects(hasty.query("SELECT 1"), isUnavailable);
    await assert.rejects(
      hasty.transaction((tx) => tx.query("SELECT 1")),
      isUnavailable,
    );
    await assert.rejects(hasty.check(), /^DatabaseUnavailable: DATABASE_URL: /);
    await silent.stop();
    await hasty.close();
  });

  it("that is read-only is reported until a write succeeds, although reads work", async () => {
    await asAdmin(url, ["ALTER SYSTEM SET default_transaction_read_only = on"], ["SELECT pg_reload_conf()"]);
    await assert.rejects(async () => {
      for (;;) await write();
    }, isUnavailable);
    const line = /^DATABASE_URL: 127\.0\.0\.1:\d+ is read-only: use the address of the primary, .*$/;
    for (let times = 0; times < 3; times++) {
      await read();
      assert.match(sql.problem()!, line);
      await assert.rejects(sql.check(), { message: sql.problem()! });
    }
    assert.equal(reported.length, 1);
    await asAdmin(
      url,
      ["SET default_transaction_read_only = off"],
      ["ALTER SYSTEM RESET default_transaction_read_only"],
      ["SELECT pg_reload_conf()"],
    );
    await assert.doesNotReject(async () => {
      while (sql.problem() !== null) await write().catch(() => {});
    });
    assert.equal(reported.at(-1), "writes work");
  });

  it("that is read-only is reported by a check before anything is written", async () => {
    const other = new URL(url);
    other.searchParams.set("options", "-c default_transaction_read_only=on");
    const reader = open(other.href);
    await assert.rejects(reader.check(), /is read-only/);
    await reader.query("SELECT 1");
    assert.match(reader.problem()!, /is read-only/);
    await reader.close();
  });

  it("whose disk is full is reported until a write succeeds, and a check tries one", async () => {
    await sql.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full'; END $$`);
    await sql.query("CREATE TRIGGER full_disk BEFORE INSERT ON entries EXECUTE FUNCTION full_disk()");
    await assert.rejects(write(), isUnavailable);
    await read();
    assert.match(
      sql.problem()!,
      /^DATABASE_URL: the disk of 127\.0\.0\.1:\d+ is full \(could not extend file .*\): free space on it$/,
    );
    await sql.check();
    assert.equal(sql.problem(), null);
    await sql.query("DROP FUNCTION full_disk CASCADE");
  });

  it("that denies a privilege is reported until the same statement succeeds", async () => {
    const name = `weak_${Date.now()}`;
    const database = new URL(url).pathname.slice(1);
    await asAdmin(url, [`CREATE ROLE ${name} LOGIN PASSWORD 'weak-password'`]);
    const other = new URL(url);
    other.username = name;
    other.password = "weak-password";
    const weak = open(other.href);
    await assert.rejects(weak.query("SELECT id FROM entries"), isUnavailable);
    await weak.query("SELECT 1");
    const line = `DATABASE_URL: user "${name}" lacks a privilege in "${database}" (permission denied for table entries): grant it to that user`;
    assert.equal(weak.problem(), line);
    await assert.rejects(weak.check(), { message: line });
    await asAdmin(url, [`GRANT SELECT ON entries TO ${name}`]);
    await weak.query("SELECT id FROM entries");
    await weak.check();
    assert.equal(weak.problem(), null);
    await weak.close();
  });

  it("is not to blame for a transaction that was cancelled or rolled back, although that is no error of its statements", async () => {
    for (const state of ["40001", "40P01", "57014"]) {
      const failing = `DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '${state}'; END $$`;
      await assert.rejects(sql.query(failing), { name: "DatabaseUnavailable", isBusy: true });
    }
    assert.equal(sql.problem(), null);
  });
});
