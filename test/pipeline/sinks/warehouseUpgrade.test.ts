/** What an update of the warehouse's tables and views leaves to those who use them: their grants, comments, views and queries. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { arena } from "../../../src/arena/game.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { Partitions } from "../../../src/pipeline/sinks/warehouse/Partitions.ts";
import { tablesOf } from "../../../src/pipeline/sinks/warehouse/tables.ts";
import type { WarehouseOptions } from "../../../src/pipeline/sinks/warehouse/WarehouseSink.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { postgresServer, type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { DAY_MS, NOON_MS, playMatch, tickMessage } from "./matches.ts";
import { warehouse } from "./warehouseUnderTest.ts";

const MINUTE_MS = 60_000;
const CURRENT: readonly string[] = [
  ...["event_date", "player", "damage", "healing", "attacks", "hits", "accuracy", "kills", "deaths"],
];
const PASSWORD = "bi-password";

const zero = (...names: readonly string[]) => names.map((name) => `0::bigint AS ${name}`).join(", ");
/** `player_day` as other versions of the program could have it. */
const OLDER = {
  withoutAccuracy: `event_date, attacker AS player, ${zero("damage", "healing", "attacks", "hits", "kills", "deaths")}`,
  otherType: `event_date, attacker AS player, 0::integer AS damage, ${zero("healing", "attacks", "hits")}, 0::numeric AS accuracy, ${zero("kills", "deaths")}`,
  moreColumns: `event_date, attacker AS player, ${zero("damage", "healing", "attacks", "hits")}, 0::numeric AS accuracy, ${zero("kills", "deaths", "assists")}`,
};
const OLDER_COMMENT = "an older one [0123456789abcdef]";
const makeOlder = (columns: string, { options = "", comment = OLDER_COMMENT } = {}) => [
  "DROP VIEW dw.player_day",
  `CREATE VIEW dw.player_day ${options} AS SELECT ${columns} FROM dw.fact_attack`,
  `COMMENT ON VIEW dw.player_day IS '${comment}'`,
];

/** As the user of the sink, who owns the views. */
async function makeOlderOn(sql: Sql, ...older: Parameters<typeof makeOlder>): Promise<void> {
  for (const statement of makeOlder(...older)) await sql.query(statement);
}

/** A sink that starts, and what it reports. */
class Started {
  readonly warned: string[] = [];
  readonly informed: string[] = [];
  /** View → line. */
  readonly reports = new Map<string, string>();
  /** Every line that began or replaced another. */
  readonly reported: string[] = [];
  nowMs = NOON_MS;
  readonly #sink: ReturnType<typeof warehouse>;

  constructor(sql: Sql) {
    const options: Partial<WarehouseOptions> = {
      now: () => this.nowMs,
      warn: (line) => void this.warned.push(line),
      inform: (line) => void this.informed.push(line),
      reportView: (view, line) => this.#report(view, line),
    };
    this.#sink = warehouse(sql, options);
  }

  #report(view: string, line: string | null): void {
    if (line === null) this.reports.delete(view);
    else if (this.reports.get(view) !== line) {
      this.reports.set(view, line);
      this.reported.push(line);
    }
  }

  async start(): Promise<this> {
    await this.#sink.onAssigned("logs_move", 0, "topic-1");
    return this;
  }

  /** Runs what the sink does between batches, a while later. */
  async idleAfter(ms: number): Promise<void> {
    this.nowMs += ms;
    await this.#sink.onIdle!();
  }

  async storeFacts(number: number): Promise<void> {
    const feed = new Feed();
    // In a partition of its own, because each feed begins at offset 0.
    for (const message of playMatch({ number, mode: "duel" })) feed.add(number, tickMessage(message));
    await feed.deliverAll(this.#sink);
  }
}

for (const [name, startServer] of sqlServers) {
  describe(`an update of the warehouse's views on ${name}`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await startServer("warehouse");
      sql = server.open();
      await server.asAdmin("CREATE ROLE bi_user", "CREATE ROLE bi_lead", "CREATE ROLE bi_intern", "CREATE SCHEMA bi");
    });
    beforeEach(async () => {
      await server.wipe();
      await server.asAdmin("DROP SCHEMA bi CASCADE", "CREATE SCHEMA bi");
      assert.deepEqual((await new Started(sql).start()).reported, []);
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const columns = async (view = "dw.player_day") => {
      const { rows } = await sql.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
         WHERE relnamespace::regnamespace || '.' || relname = $1 AND attnum > 0 ORDER BY attnum`,
        [view],
      );
      return rows.map((row) => row.name);
    };
    /** Of the view and its columns: who may do what, and may grant it. */
    const grants = async () => {
      const { rows } = await sql.query<{ text: string }>(
        `SELECT DISTINCT concat_ws(' ', coalesce(pg_get_userbyid(nullif(acl.grantee, 0)), 'PUBLIC'), acl.privilege_type,
           acl.is_grantable, attname) AS text
         FROM (SELECT relacl AS items, NULL AS attname FROM pg_class WHERE oid = 'dw.player_day'::regclass
           UNION ALL SELECT attacl, attname FROM pg_attribute WHERE attrelid = 'dw.player_day'::regclass) AS granted,
           aclexplode(items) AS acl ORDER BY 1`,
      );
      return rows.map(({ text }) => text);
    };
    const facts = async () => (await sql.query("SELECT FROM dw.fact_attack")).rowCount;
    const oid = async () =>
      (await sql.query<{ oid: number }>("SELECT 'dw.player_day'::regclass::oid AS oid")).rows[0].oid;
    const comments = async () => {
      const { rows } = await sql.query<{ ofView: string; ofColumn: string }>(
        `SELECT obj_description('dw.player_day'::regclass) AS "ofView", col_description(attrelid, attnum) AS "ofColumn"
         FROM pg_attribute WHERE attrelid = 'dw.player_day'::regclass AND attname = 'player'`,
      );
      return rows[0];
    };
    const grantAll = async () => {
      await server.asAdmin(
        "GRANT USAGE ON SCHEMA dw TO bi_user, bi_lead, bi_intern",
        "GRANT SELECT ON dw.player_day TO bi_lead WITH GRANT OPTION",
        "SET ROLE bi_lead; GRANT SELECT ON dw.player_day TO bi_intern; RESET ROLE",
        "GRANT SELECT (player, hits) ON dw.player_day TO bi_user",
        "GRANT REFERENCES ON dw.player_day TO PUBLIC",
      );
      if (name === "PostgreSQL") await server.asAdmin("REVOKE SELECT ON dw.player_day FROM hypogeum_reader");
    };

    it("appends new columns, and keeps the view itself, its grants, the comments of its columns and the views over it", async () => {
      await makeOlderOn(sql, OLDER.withoutAccuracy);
      await server.asAdmin("COMMENT ON COLUMN dw.player_day.player IS 'of BI'");
      await grantAll();
      await server.asAdmin("CREATE VIEW bi.totals AS SELECT player, damage, deaths FROM dw.player_day");
      const before = [await oid(), await grants()];
      const started = await new Started(sql).start();
      assert.deepEqual(await columns(), [...CURRENT.filter((column) => column !== "accuracy"), "accuracy"]);
      assert.deepEqual([await oid(), await grants()], before);
      assert.match((await comments()).ofView, /^damage, healing, .*; version \d+ \[[0-9a-f]{16}\]$/);
      assert.equal((await comments()).ofColumn, "of BI");
      await started.storeFacts(1);
      const { rows } = await sql.query<{ most: bigint }>("SELECT max(damage) AS most FROM dw.player_day");
      assert.ok(rows[0].most > 0n, "it is the new view");
      assert.deepEqual(await columns("bi.totals"), ["player", "damage", "deaths"]);
      assert.deepEqual([started.reported, started.warned], [[], []]);
      await new Started(sql).start();
      assert.deepEqual((await columns()).at(-1), "accuracy");
    });

    it("keeps grants, comments of columns and the owner when a changed column requires another view", async () => {
      await makeOlderOn(sql, OLDER.otherType);
      await server.asAdmin("COMMENT ON COLUMN dw.player_day.player IS 'of BI'");
      await grantAll();
      const before = await grants();
      const started = await new Started(sql).start();
      assert.deepEqual(await columns(), CURRENT);
      assert.deepEqual(await grants(), before);
      assert.equal((await comments()).ofColumn, "of BI");
      const { rows } = await sql.query<{ may: boolean }>(
        "SELECT has_table_privilege('bi_intern', 'dw.player_day', 'SELECT') AS may",
      );
      assert.ok(rows[0].may);
      assert.deepEqual([started.reported, started.warned], [[], []]);
    });

    it("leaves a view alone whose query has not changed", async () => {
      const version = async () =>
        (await sql.query("SELECT xmin::text, oid FROM pg_class WHERE oid = 'dw.player_day'::regclass")).rows;
      const before = await version();
      await new Started(sql).start();
      assert.deepEqual(await version(), before);
      await server.asAdmin("COMMENT ON VIEW dw.player_day IS 'the comment of BI'");
      const started = await new Started(sql).start();
      assert.deepEqual(await version(), before);
      assert.equal((await comments()).ofView, "the comment of BI");
      assert.deepEqual(started.reported, []);
    });

    it("keeps options and another comment of a view that it replaces", async () => {
      for (const columnsOfOlder of [OLDER.withoutAccuracy, OLDER.otherType]) {
        await server.wipe();
        await new Started(sql).start();
        const options = "WITH (security_barrier = true)";
        await makeOlderOn(sql, columnsOfOlder, { options, comment: "the comment of BI" });
        await new Started(sql).start();
        assert.equal((await columns()).length, CURRENT.length);
        const { rows } = await sql.query("SELECT reloptions FROM pg_class WHERE oid = 'dw.player_day'::regclass");
        assert.deepEqual(rows, [{ reloptions: ["security_barrier=true"] }]);
        assert.equal((await comments()).ofView, "the comment of BI");
      }
    });

    it("leaves a view alone that a newer version of the program has made, also if it has fewer columns", async () => {
      for (const columnsOfNewer of Object.values(OLDER)) {
        await makeOlderOn(sql, columnsOfNewer, { comment: "a newer one; version 99 [0123456789abcdef]" });
        const before = [await oid(), await columns()];
        const started = await new Started(sql).start();
        await started.idleAfter(MINUTE_MS);
        assert.deepEqual([await oid(), await columns()], before);
        assert.deepEqual([started.reported, started.warned], [[], []]);
        assert.deepEqual(started.informed, [
          "sink warehouse: kept view dw.player_day, which a newer version of the program has made",
        ]);
      }
    });

    it("removes no column of a view whose comment is another, until the comment is removed", async () => {
      await makeOlderOn(sql, OLDER.moreColumns, { comment: "the comment of BI" });
      const [line, ...rest] = (await new Started(sql).start()).informed;
      assert.match(line, /kept view dw\.player_day, whose comment .*: in this version, column assists is removed/);
      assert.deepEqual(rest, []);
      assert.ok((await columns()).includes("assists"));
      await sql.query(/COMMENT ON VIEW .*$/.exec(line)![0]);
      await new Started(sql).start();
      assert.deepEqual(await columns(), CURRENT);
    });

    it("keeps the old view while something depends on it, stores facts, and reports once what to run", async () => {
      await makeOlderOn(sql, OLDER.moreColumns);
      const own = [
        'CREATE VIEW bi."Totals" AS SELECT player, assists FROM dw.player_day',
        'CREATE MATERIALIZED VIEW bi.monthly AS SELECT player FROM bi."Totals"',
        `CREATE FUNCTION bi.assists(named text) RETURNS bigint LANGUAGE sql
           BEGIN ATOMIC SELECT sum(assists)::bigint FROM dw.player_day WHERE player = named; END`,
        "CREATE FUNCTION bi.first() RETURNS dw.player_day LANGUAGE sql AS 'SELECT * FROM dw.player_day LIMIT 1'",
      ];
      await server.asAdmin(...own);
      const started = await new Started(sql).start();
      assert.ok((await columns()).includes("assists"));
      await started.storeFacts(1);
      assert.ok((await facts()) > 0);
      await started.idleAfter(MINUTE_MS);
      await started.idleAfter(MINUTE_MS);
      const line = started.reports.get("player_day")!;
      assert.deepEqual(started.reported, [line], "reported once");
      assert.match(line, /dw\.player_day .*column assists .*removed/);
      for (const found of [
        'view bi."Totals"',
        "materialized view bi.monthly",
        "bi.assists(pg_catalog.text)",
        "bi.first()",
      ])
        assert.ok(line.includes(found), `${found} in ${line}`);
      assert.equal([...started.reports.keys()].join(), "player_day");

      const statements = line.match(/DROP (?:MATERIALIZED )?(?:VIEW|FUNCTION) [^;]+/g)!;
      assert.equal(statements.length, own.length);
      await server.asAdmin(...statements);
      await started.idleAfter(MINUTE_MS);
      assert.deepEqual([...started.reports], []);
      assert.deepEqual(await columns(), CURRENT);
      await server.asAdmin("CREATE VIEW bi.totals AS SELECT player, accuracy FROM dw.player_day");
    });

    it("reports a trigger or a rule of others that would be lost with the view", async () => {
      await makeOlderOn(sql, OLDER.otherType);
      await server.asAdmin("CREATE RULE kept AS ON DELETE TO dw.player_day DO INSTEAD NOTHING");
      const started = await new Started(sql).start();
      assert.match(started.reports.get("player_day")!, /DROP RULE kept on dw\.player_day/i);
      await server.asAdmin("DROP RULE kept ON dw.player_day");
      await started.idleAfter(MINUTE_MS);
      assert.deepEqual([...started.reports], []);
    });

    it("does not replace what is no view", async () => {
      await server.asAdmin("DROP VIEW dw.player_day", "CREATE MATERIALIZED VIEW dw.player_day AS SELECT 1 AS x");
      const started = await new Started(sql).start();
      await started.storeFacts(1);
      assert.match(
        started.reports.get("player_day")!,
        /dw\.player_day is a materialized view, expected a view: rename/,
      );
      await server.asAdmin("DROP MATERIALIZED VIEW dw.player_day");
      await started.idleAfter(MINUTE_MS);
      assert.deepEqual([...started.reports], []);
      assert.deepEqual(await columns(), CURRENT);
    });

    it("is done once by processes that start at the same time", async () => {
      for (const columnsOfOlder of Object.values(OLDER)) {
        await makeOlderOn(sql, columnsOfOlder);
        const all = Array.from({ length: 4 }, () => new Started(sql));
        await Promise.all(all.map((started) => started.start()));
        assert.deepEqual(
          all.flatMap(({ reported, warned }) => [...reported, ...warned]),
          [],
        );
        assert.deepEqual([...(await columns())].sort(), [...CURRENT].sort());
      }
    });
  });
}

describe("an update of the warehouse while others use it", function () {
  this.timeout(240_000);
  let server: SqlServer;
  let sql: Sql;
  let analyst: pg.Client;
  before(async () => {
    server = await postgresServer("warehouse");
    sql = server.open();
    await server.asAdmin(
      `CREATE ROLE bi_user LOGIN PASSWORD '${PASSWORD}'`,
      "GRANT hypogeum_reader TO bi_user",
      "CREATE SCHEMA bi AUTHORIZATION bi_user",
    );
  });
  beforeEach(async () => {
    await server.wipe();
    await server.asAdmin("DROP SCHEMA bi CASCADE", "CREATE SCHEMA bi AUTHORIZATION bi_user");
    await (await new Started(sql).start()).storeFacts(1);
    analyst = new pg.Client(Object.assign(new URL(server.url), { username: "bi_user", password: PASSWORD }).href);
    await analyst.connect();
  });
  afterEach(() => analyst.end());
  after(async () => {
    await sql.close();
    await server.stop();
  });

  const hasAccuracy = async () =>
    (await sql.query("SELECT FROM pg_attribute WHERE attrelid = 'dw.player_day'::regclass AND attname = 'accuracy'"))
      .rowCount === 1;

  it("does not wait for a long query of a view: it stores facts, reports who uses the view, and updates it later", async () => {
    await makeOlderOn(sql, OLDER.withoutAccuracy);
    await analyst.query("BEGIN");
    await analyst.query("SELECT * FROM dw.player_day");
    const started = await new Started(sql).start();
    await started.storeFacts(2);
    const { rows } = await analyst.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    const line = started.reports.get("player_day")!;
    assert.match(line, /dw\.player_day/);
    assert.ok(line.includes(`user "bi_user" (process ${rows[0].pid})`), line);
    assert.equal(sql.problem(), null);
    await started.idleAfter(MINUTE_MS);
    assert.equal(await hasAccuracy(), false);
    assert.deepEqual(started.reported, [line]);
    await analyst.query("COMMIT");
    await started.idleAfter(MINUTE_MS);
    assert.deepEqual([...started.reports], []);
    assert.equal(await hasAccuracy(), true);
  });

  it("does not wait for a long query of a view that has not changed", async () => {
    await analyst.query("BEGIN");
    await analyst.query("SELECT * FROM dw.player_day");
    const started = await new Started(sql).start();
    await started.storeFacts(2);
    assert.deepEqual([started.reported, started.warned], [[], []]);
    await analyst.query("COMMIT");
  });

  it("creates the partitions of new days while a long query reads the tables", async () => {
    await analyst.query("BEGIN");
    await analyst.query("SELECT count(*) FROM dw.fact_attack");
    await analyst.query("SELECT count(*) FROM dw.fact_queue");
    const started = new Started(sql);
    started.nowMs += 30 * DAY_MS;
    await started.start();
    await analyst.query("COMMIT");
    const { rowCount } = await sql.query(
      "SELECT FROM pg_class WHERE relname = 'fact_attack_20260305' AND relispartition",
    );
    assert.equal(rowCount, 1);
    assert.deepEqual(started.warned, []);
  });

  it("says which query keeps it from adding a column to a table, and adds it when the query has ended", async () => {
    await server.asAdmin("ALTER TABLE dw.dim_match DROP COLUMN shed", "GRANT SELECT ON dw.dim_match TO bi_user");
    const acl = async () =>
      (await sql.query("SELECT relacl::text AS acl FROM pg_class WHERE oid = 'dw.dim_match'::regclass")).rows;
    const before = await acl();
    await analyst.query("BEGIN");
    await analyst.query("SELECT count(*) FROM dw.dim_match");
    const started = new Started(sql);
    await assert.rejects(started.start(), /dw\.dim_match .*column shed.*user "bi_user" \(process \d+\)/);
    await analyst.query("COMMIT");
    await started.start();
    await started.storeFacts(2);
    assert.deepEqual(await acl(), before);
  });

  it("does not wait long for a query of days that are too old", async () => {
    const partitions = new Partitions(sql, tablesOf(new EventCatalogue([arena])).all);
    await analyst.query("BEGIN");
    await analyst.query("SELECT count(*) FROM dw.fact_attack");
    await assert.rejects(partitions.deleteBefore("2027-01-01"), /dw\.fact_\w+.*user "bi_user" \(process \d+\)/);
    await analyst.query("COMMIT");
    assert.match(await partitions.deleteBefore("2027-01-01"), /^[1-9]\d* partitions/);
  });

  it("says what to run if a view that must change belongs to another user", async () => {
    await server.asAdmin(...makeOlder(OLDER.withoutAccuracy));
    const started = await new Started(sql).start();
    await started.storeFacts(2);
    const line = started.reports.get("player_day")!;
    assert.match(
      line,
      /dw\.player_day belongs to (\w+), not to hypogeum_warehouse: .*ALTER VIEW dw\.player_day OWNER TO/,
    );
    assert.equal(sql.problem(), null);
    await server.asAdmin(/ALTER VIEW \S+ OWNER TO \w+/.exec(line)![0]);
    await started.idleAfter(MINUTE_MS);
    assert.deepEqual([...started.reports], []);
    assert.equal(await hasAccuracy(), true);
  });

  it("lets a role of a studio read what is created later, with the statements of the documentation", async () => {
    const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/warehouse.md"), "utf8");
    const [, statements] = /## Access for analysts[^#]*?```sql\n([^`]+)```/.exec(page)!;
    const database = new URL(server.url).pathname.slice(1);
    await server.asAdmin(statements.replace("DATABASE hypogeum_warehouse", `DATABASE ${database}`));
    await sql.query("DROP VIEW dw.win_rate");
    const started = new Started(sql);
    started.nowMs += 30 * DAY_MS;
    await started.start();
    for (const relation of ["dw.fact_attack", "dw.fact_attack_20260305", "dw.win_rate"]) {
      const may = `SELECT has_table_privilege('dashboards', '${relation}', 'SELECT') AS may`;
      assert.deepEqual((await sql.query(may)).rows, [{ may: true }], relation);
    }
  });

  it("lets a BI user with its own view over every view of the warehouse read all of them afterwards", async () => {
    const names = ["player_day", "weapon_use", "win_rate", "position_heat_map", "waiting_times"];
    for (const name of names) await analyst.query(`CREATE VIEW bi.${name} AS SELECT * FROM dw.${name}`);
    const changed = names.map((name) => `COMMENT ON VIEW dw.${name} IS 'an older one [0123456789abcdef]'`);
    await server.asAdmin(...changed);
    const started = await new Started(sql).start();
    assert.deepEqual([started.reported, started.warned], [[], []]);
    for (const name of names) {
      await analyst.query(`SELECT * FROM dw.${name}`);
      await analyst.query(`SELECT * FROM bi.${name}`);
    }
  });
});
