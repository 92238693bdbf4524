import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { openSql } from "../../../src/platform/sql/openSql.ts";
import { type Services, startServices } from "../../../tools/services/startServices.ts";

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

describe("opening a PostgreSQL database", function () {
  this.timeout(240_000);
  let services: Services;
  before(async () => {
    services = await startServices(["postgres"]);
  });
  after(() => services.stop());

  async function problemOf(url: string, variable = "WAREHOUSE_URL"): Promise<string> {
    const sql = await openSql({ variable, url });
    try {
      await sql.check();
      return "none";
    } catch (error) {
      assert.equal(sql.problem(), (error as Error).message);
      return (error as Error).message;
    } finally {
      await sql.close();
    }
  }

  it("reports no problem with a valid URL", async () => {
    assert.equal(await problemOf(services.env.DATABASE_URL), "none");
  });

  it("applies the parameter options of the URL, except where it contradicts the program's own options", async () => {
    const url = new URL(services.env.DATABASE_URL);
    url.searchParams.set("options", "-c search_path=game -c TimeZone=Asia/Tokyo -c statement_timeout=1");
    const sql = await openSql({ variable: "DATABASE_URL", url: url.href, limitMs: 30_000 });
    try {
      const text =
        "SELECT current_setting('search_path') AS path, current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS timeout";
      assert.deepEqual((await sql.query(text)).rows, [{ path: "game", zone: "UTC", timeout: "30s" }]);
    } finally {
      await sql.close();
    }
  });

  it("reports in one line that no server responds at an address", async () => {
    const port = await findFreePort();
    const line = await problemOf(`postgresql://u:secret@127.0.0.1:${port}/db`, "DATABASE_URL");
    assert.equal(line, `DATABASE_URL: PostgreSQL is unavailable at 127.0.0.1:${port} (ECONNREFUSED)`);
  });

  it("reports in one line that user or password are wrong, without the password", async () => {
    const url = new URL(services.env.DATABASE_URL);
    url.password = "hunter2";
    const line = await problemOf(url.href);
    assert.match(line, /^WAREHOUSE_URL: 127\.0\.0\.1:\d+ refused user "\w+": wrong user or password$/);
  });

  it("reports in one line that the database does not exist", async () => {
    const url = new URL(services.env.DATABASE_URL);
    url.pathname = "/nowhere";
    assert.match(
      await problemOf(url.href),
      /^WAREHOUSE_URL: no database "nowhere" at 127\.0\.0\.1:\d+: create it or change the name$/,
    );
  });

  for (const url of ["mysql://u:secret@h/db", "secret", "postgresql://u:secret@h", "postgresql:///db"]) {
    it(`refuses ${url} immediately, naming the variable and the expected form, without showing the URL`, async () => {
      await assert.rejects(openSql({ variable: "DATABASE_URL", url }), (error: Error) => {
        assert.match(error.message, /^DATABASE_URL: .* expected postgresql:\/\/USER:PASSWORD@HOST:PORT\/DATABASE$/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    });
  }
});

describe("opening an embedded database", function () {
  this.timeout(240_000);
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "hypogeum-test-sql-"));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it("refuses a directory that another process uses, and finds the data once the directory is released", async () => {
    const first = await openSql({ embedded: directory });
    await first.query("CREATE TABLE kept AS SELECT 1 AS one");
    await assert.rejects(openSql({ embedded: directory }), {
      message: `DATA_DIR: cannot open the database in ${directory}: another process is using it`,
    });
    await first.close();
    const second = await openSql({ embedded: directory });
    assert.deepEqual((await second.query("SELECT one FROM kept")).rows, [{ one: 1 }]);
    await second.close();
  });

  it("reports in one line that a directory cannot be used", async () => {
    const file = path.join(directory, "file");
    writeFileSync(file, "");
    await assert.rejects(openSql({ embedded: path.join(file, "sql") }), (error: Error) => {
      assert.match(error.message, /^DATA_DIR: cannot open the database in .*ENOTDIR.*$/);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    });
  });

  it("serves other processes by its URL", async () => {
    const sql = await openSql({ embedded: directory });
    const other = await openSql({ variable: "DATA_DIR", url: sql.url });
    await other.query("CREATE TABLE seen AS SELECT 2 AS two");
    assert.deepEqual((await sql.query("SELECT two FROM seen")).rows, [{ two: 2 }]);
    await other.close();
    await sql.close();
  });

  it("ends when its parent is killed, and keeps what was committed", async () => {
    const parent = fork(path.join(import.meta.dirname, "holdsDatabase.ts"), [directory], { stdio: "inherit" });
    await once(parent, "message");
    parent.kill("SIGKILL");
    await once(parent, "exit");
    const sql = await openSql({ embedded: directory });
    assert.deepEqual((await sql.query("SELECT one FROM kept")).rows, [{ one: 1 }]);
    await sql.close();
  });
});
