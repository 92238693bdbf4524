/** What the users of the SQL files may do, and what not. */
import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { clearTables } from "../../../src/pipeline/rebuild/clearTables.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { ensureResultsTables } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import { ensureTables } from "../../../src/pipeline/sinks/warehouse/ensureTables.ts";
import { Partitions } from "../../../src/pipeline/sinks/warehouse/Partitions.ts";
import { tablesOf } from "../../../src/pipeline/sinks/warehouse/tables.ts";
import { ViewUpdates } from "../../../src/pipeline/sinks/warehouse/ViewUpdates.ts";
import { PgSql } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { asOwner } from "../../../src/players/database/asOwner.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { asAdmin } from "../../platform/sql/asAdmin.ts";
import { limitDatabase, limitWarehouse, privileges } from "../../tools/services/leastPrivileges.ts";
import { useServices } from "../../tools/services/useServices.ts";

describe("the users of the operational database", function () {
  this.timeout(120_000);
  const services = useServices("postgres");
  let admin = "";
  let urls: Awaited<ReturnType<typeof limitDatabase>>;
  const opened: Sql[] = [];
  const open = (url: string): Sql => {
    const sql = new PgSql({ variable: "DATABASE_URL", url });
    opened.push(sql);
    return sql;
  };
  before(async () => {
    admin = await services().createDatabase();
    urls = await limitDatabase(admin);
  });
  afterEach(() => Promise.all(opened.splice(0).map((sql) => sql.close())));

  it("let the server start on migrated tables, read and write rows, and test for a read-only database", async () => {
    const sql = open(urls.runtime);
    assert.equal(await migrate(sql), 0);
    await ensureResultsTables(sql);
    await sql.query("insert into players (id, kind) values ('p1', 'account')");
    await sql.query("update players set kind = 'anonymous' where id = 'p1'");
    assert.equal((await sql.query("delete from players where id = 'p1'")).rowCount, 1);
    await sql.query("create temporary table t (n int)");
    assert.equal(sql.problem(), null);
  });

  const denied = [
    "drop table players",
    "truncate players",
    "alter table players add column x int",
    "alter table players disable trigger all",
    "create table t (n int)",
    "create schema s",
    "create role r",
    "create database d",
    "set role hypogeum_owner",
    "copy players to program 'true'",
    "drop table results.match",
    "update operator_acts set operator = 'x'",
    "delete from operator_acts",
  ];
  for (const statement of denied) {
    it(`do not let the server ${statement}`, async () => {
      const state = await open(urls.runtime)
        .query(statement)
        .then(
          () => "done",
          (error) => error.code,
        );
      assert.equal(state, "42501");
    });
  }

  it("tell the operator in one line who must migrate; the line is gone once the owner has done it", async () => {
    const url = await services().createDatabase();
    await asAdmin(url, [privileges("postgres.sql")]);
    const server = open(Object.assign(new URL(urls.runtime), { pathname: new URL(url).pathname }).href);
    await assert.rejects(migrate(server), {
      message:
        /^DATABASE_URL: user "hypogeum_runtime" lacks a privilege in .*\): run npm run migrate as the owner of the tables$/,
    });
    await limitDatabase(url);
    assert.equal(await migrate(server), 0);
    await server.check();
    assert.equal(server.problem(), null);
  });

  it("tell the operator in one line who must run a command that deletes the content of tables", async () => {
    await assert.rejects(
      asOwner("npm run rebuild", () => clearTables(open(urls.runtime), "results")),
      {
        message:
          /^DATABASE_URL: user "hypogeum_runtime" lacks a privilege in .*\): run npm run rebuild as the owner of the tables$/,
      },
    );
    await asOwner("npm run rebuild", () => clearTables(open(urls.owner), "results"));
  });

  it("take over the tables of an installation that ran as another user, and the file may be run again", async () => {
    const url = await services().createDatabase();
    const before = open(url);
    await migrate(before);
    await ensureResultsTables(before);
    const { owner, runtime } = await limitDatabase(url);
    await limitDatabase(url);
    await open(owner).query("alter table players add column x int");
    const server = open(runtime);
    assert.equal(await migrate(server), 0);
    await server.query("select x from players");
    await server.query("select from results.match");
    await assert.rejects(server.query("delete from operator_acts"), { code: "42501" });
    await server.query(
      "insert into operator_acts (id, at, operator, role, act) values ('1', now(), 'o', 'view', 'kick')",
    );
  });

  it("let nobody else connect", async () => {
    await asAdmin(admin, ["drop role if exists stranger"], ["create role stranger login password 'stranger-password'"]);
    const url = Object.assign(new URL(admin), { username: "stranger", password: "stranger-password" }).href;
    await assert.rejects(open(url).check(), /permission denied for database/);
  });
});

describe("the users of the warehouse", function () {
  this.timeout(120_000);
  const services = useServices("postgres");
  const day = "2026-01-31";

  it("let the sink create tables, partitions and views and drop old days, and analysts only read", async () => {
    const admin = await services().createDatabase();
    const sql = new PgSql({ variable: "WAREHOUSE_URL", ...{ url: (await limitWarehouse(admin)).WAREHOUSE_URL } });
    const tables = tablesOf(new EventCatalogue([arena])).all;
    const update = async () => {
      await ensureTables(sql, tables);
      await new ViewUpdates(sql, { warn: assert.fail }).run();
    };
    await update();
    await update();
    const partitions = new Partitions(sql, tables);
    await partitions.ensure([day]);
    assert.match(await partitions.deleteBefore("2026-02-01"), /^[1-9]\d* partitions/);
    for (const statement of ["create table public.t (n int)", "create schema s", "create role r"])
      await assert.rejects(sql.query(statement), { code: "42501" });
    await sql.close();

    await asAdmin(
      admin,
      ["drop role if exists anna"],
      ["create role anna login password 'anna-password'"],
      ["grant hypogeum_reader to anna"],
    );
    const url = Object.assign(new URL(admin), { username: "anna", password: "anna-password" }).href;
    const analyst = new PgSql({ variable: "WAREHOUSE_URL", url });
    await analyst.query("select * from dw.fact_move");
    await analyst.query("select * from dw.win_rate");
    for (const statement of ["delete from dw.dim_match", "drop table dw.fact_move", "create table dw.t (n int)"])
      await assert.rejects(analyst.query(statement), { code: "42501" });
    await analyst.close();
  });
});
