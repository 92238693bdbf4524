/** Contract tests of the SQL port; every implementation passes them. */
import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { eq, sql as raw } from "drizzle-orm";
import { bigint, date, integer, numeric, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import pino from "pino";
import { buildOnce } from "../../../src/platform/sql/buildOnce.ts";
import { isUnavailable } from "../../../src/platform/sql/DatabaseUnavailable.ts";
import type { Sql, SqlRunner } from "../../../src/platform/sql/Sql.ts";
import type { SqlServer } from "./servers.ts";

const entries = pgTable("entries", { id: integer().primaryKey(), note: text() });

export function sqlContract(name: string, start: () => Promise<SqlServer>): void {
  describe(`the SQL port on ${name}`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start();
      sql = server.open();
      await sql.query("CREATE TABLE entries (id integer PRIMARY KEY, note text)");
    });
    beforeEach(async () => {
      await sql.query("TRUNCATE entries");
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const ids = async (from: Sql = sql) =>
      (await from.query<{ id: number }>("SELECT id FROM entries ORDER BY id")).rows.map(({ id }) => id);

    it("shows other connections nothing of a transaction before it is committed, and all of it afterwards", async () => {
      const other = server.open();
      await sql.transaction(async (tx) => {
        await tx.query("INSERT INTO entries VALUES (1)");
        await tx.query("INSERT INTO entries VALUES (2)");
      });
      assert.deepEqual(await ids(other), [1, 2]);
      await other.close();
    });

    it("rolls back a transaction whose work rejects, and passes the error on", async () => {
      const failure = new Error("no");
      const work = sql.transaction(async (tx) => {
        await tx.query("INSERT INTO entries VALUES (1)");
        throw failure;
      });
      await assert.rejects(work, (error) => error === failure);
      assert.deepEqual(await ids(), []);
    });

    it("rolls back a transaction in which a statement failed", async () => {
      const work = sql.transaction(async (tx) => {
        await tx.query("INSERT INTO entries VALUES (1)");
        await tx.query("INSERT INTO entries VALUES (1)");
      });
      await assert.rejects(work, { code: "23505" });
      assert.deepEqual(await ids(), []);
    });

    it("does not mix concurrent transactions", async () => {
      await Promise.allSettled(
        Array.from({ length: 24 }, (_, at) =>
          sql.transaction(async (tx) => {
            for (let step = 0; step < 4; step++) await tx.query("INSERT INTO entries VALUES ($1)", [at * 10 + step]);
            if (at % 3 === 0) throw new Error("rolled back");
          }),
        ),
      );
      const kept = Array.from({ length: 24 }, (_, at) => at).filter((at) => at % 3 !== 0);
      assert.deepEqual(
        await ids(),
        kept.flatMap((at) => [0, 1, 2, 3].map((step) => at * 10 + step)),
      );
    });

    it("lets exactly one of many win a compare-and-set", async () => {
      await sql.query("INSERT INTO entries VALUES (1, 'from')");
      const counts = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          sql.transaction(async (tx) => {
            const set = await tx.query("UPDATE entries SET note = $1 WHERE id = 1 AND note = 'from'", [`to ${at}`]);
            return set.rowCount;
          }),
        ),
      );
      assert.equal(
        counts.reduce((sum, count) => sum + count, 0),
        1,
      );
    });

    it("lets one transaction at a time hold a lock, and releases the lock when the transaction ends", async () => {
      let holders = 0;
      let most = 0;
      await Promise.all(
        Array.from({ length: 8 }, () =>
          sql.transaction(async (tx) => {
            await tx.query("SELECT pg_advisory_xact_lock(7)");
            most = Math.max(most, ++holders);
            await tx.query("SELECT 1");
            holders--;
          }),
        ),
      );
      assert.equal(most, 1);
    });

    it("returns bigint as BigInt, timestamptz as Date, date and numeric as text, json parsed", async () => {
      const at = new Date("2026-02-03T04:05:06.789Z");
      const { rows } = await sql.query(
        `SELECT $1::bigint AS big, $2::timestamptz AS at, $3::jsonb AS json, '2026-02-03'::date AS day, 1.50::numeric AS exact,
         $4::text[] AS texts, $5::boolean AS truth, NULL::integer AS nothing, $6::double precision AS float`,
        [9007199254740993n, at, JSON.stringify({ a: [1, null] }), ["x", 'y"\\'], true, 0.1],
      );
      assert.deepEqual(rows, [
        {
          big: 9007199254740993n,
          at,
          json: { a: [1, null] },
          day: "2026-02-03",
          exact: "1.50",
          texts: ["x", 'y"\\'],
          truth: true,
          nothing: null,
          float: 0.1,
        },
      ]);
    });

    it("works in UTC", async () => {
      const { rows } = await sql.query("SELECT '2026-02-03T23:30:00Z'::timestamptz::date AS day");
      assert.deepEqual(rows, [{ day: "2026-02-03" }]);
    });

    it("treats parameters as data, whatever they contain", async () => {
      const evil = ["'; DROP TABLE entries; --", "$1", "\\", '"', "é\n\u{1F600}", ""];
      for (const [at, note] of evil.entries()) await sql.query("INSERT INTO entries VALUES ($1, $2)", [at, note]);
      const { rows } = await sql.query<{ note: string }>("SELECT note FROM entries ORDER BY id");
      assert.deepEqual(
        rows.map(({ note }) => note),
        evil,
      );
    });

    it("refuses two statements in one call", async () => {
      await assert.rejects(sql.query("SELECT 1; SELECT 2"), { code: "42601" });
    });

    it("continues after errors, each with PostgreSQL's code", async () => {
      await assert.rejects(sql.query("SELECT nothing"), { code: "42703" });
      await assert.rejects(sql.query("SELEC"), { code: "42601" });
      await assert.rejects(sql.query("SELECT $1::integer", ["x"]), { code: "22P02" });
      assert.equal(sql.problem(), null);
      assert.deepEqual(await ids(), []);
    });

    it("accepts a batch of a hundred thousand rows in one statement", async () => {
      const rows = 100_000;
      const numbers = `{${Array.from({ length: rows }, (_, at) => at).join(",")}}`;
      const texts = `{${Array.from({ length: rows }, (_, at) => `"note ${at} ${"x".repeat(30)}"`).join(",")}}`;
      const insert = `INSERT INTO entries SELECT * FROM unnest($1::integer[], $2::text[]) ON CONFLICT DO NOTHING`;
      assert.equal((await sql.query(insert, [numbers, texts])).rowCount, rows);
      assert.equal((await sql.query(insert, [numbers, texts])).rowCount, 0);
    });

    it("does not mix long and short statements of several connections", async () => {
      await Promise.all(
        Array.from({ length: 40 }, async (_, at) => {
          const long = at % 2 === 0 ? 300_000 : 10;
          const statement = at % 2 === 0 ? "SELECT length($1) AS said, 2 AS more" : "SELECT $1::text AS said";
          const given = String(at).padEnd(long, "x");
          const { rows } = await sql.query<{ said: unknown }>(statement, [given]);
          assert.equal(rows[0].said, at % 2 === 0 ? long : given);
        }),
      );
    });

    it("refuses any other use of the port inside a transaction", async () => {
      await sql.transaction(async (tx) => {
        await assert.rejects(sql.query("SELECT 1"), /inside a transaction/);
        await assert.rejects(
          sql.transaction(async () => {}),
          /inside a transaction/,
        );
        await tx.query("INSERT INTO entries VALUES (1)");
      });
      assert.deepEqual(await ids(), [1]);
    });

    it("runs drizzle's queries, in transactions too", async () => {
      await sql.orm.insert(entries).values({ id: 1, note: "one" });
      const undone = sql.transaction(async (tx) => {
        await tx.orm.insert(entries).values({ id: 2 });
        assert.equal((await tx.orm.select().from(entries)).length, 2);
        throw new Error("undo");
      });
      await assert.rejects(undone, /undo/);
      assert.deepEqual(await sql.orm.select().from(entries), [{ id: 1, note: "one" }]);
      assert.equal((await sql.orm.execute(raw`SELECT ${5}::int AS five`)).rows[0].five, 5);
    });

    it("parses the values of drizzle's queries like those of its own queries", async () => {
      const values = pgTable("typed_values", {
        big: bigint("big", { mode: "bigint" }),
        at: timestamp("at", { withTimezone: true }),
        day: date("day"),
        exact: numeric("exact"),
      });
      const value = {
        big: 9007199254740993n,
        at: new Date("2026-02-03T04:05:06.789Z"),
        day: "2026-02-03",
        exact: "1.50",
      };
      await sql.query("CREATE TABLE typed_values (big bigint, at timestamptz, day date, exact numeric)");
      await sql.orm.insert(values).values(value);
      const { big, at, day, exact } = values;
      assert.deepEqual(await sql.orm.select().from(values), [value]);
      const fragments = { big: raw`${big}`, at: raw`${at}`, day: raw`${day}`, exact: raw`${exact}` };
      assert.deepEqual(await sql.orm.select(fragments).from(values), [value]);
      assert.deepEqual((await sql.orm.execute(raw`SELECT * FROM typed_values`)).rows, [value]);
      await sql.query("DROP TABLE typed_values");
    });

    it("gives no name to the statements of drizzle", async () => {
      const named = sql.orm.select().from(entries).prepare("named");
      await sql.transaction(async (tx) => {
        assert.deepEqual(await tx.orm.select().from(entries).prepare("named").execute(), []);
        const { rows } = await tx.query("SELECT name FROM pg_prepared_statements WHERE name <> ''");
        assert.deepEqual(rows, []);
      });
      assert.deepEqual(await named.execute(), []);
    });

    it("rejects drizzle's queries with PostgreSQL's own errors, and shows no value of them in a log", async () => {
      const secret = "ariadne@example.com";
      const notes = pgTable("notes", { note: text("note").primaryKey() });
      await sql.query("CREATE TABLE notes (note text PRIMARY KEY)");
      const lines: string[] = [];
      const log = pino(new Writable({ write: (chunk, _, done) => void done(void lines.push(String(chunk))) }));
      const failures = [
        (runner: SqlRunner) => runner.orm.insert(notes).values([{ note: secret }, { note: secret }]),
        (runner: SqlRunner) => runner.orm.execute(raw`INSERT INTO notes VALUES (${secret}), (${secret})`),
        (runner: SqlRunner) => runner.query("INSERT INTO notes VALUES ($1), ($1)", [secret]),
      ];
      for (const fail of failures) {
        const attempts = [async () => await fail(sql), () => sql.transaction(async (tx) => await fail(tx))];
        for (const attempt of attempts) {
          await assert.rejects(attempt as () => Promise<unknown>, (error: Error & { code?: string }) => {
            log.error({ err: error }, error.message);
            assert.equal(error.code, "23505");
            return true;
          });
        }
      }
      assert.equal(lines.length, 6);
      for (const line of lines) assert.doesNotMatch(line, /ariadne|insert into/i);
      await sql.query("DROP TABLE notes");
    });

    it("runs a query that was built once on any runner, each time with the values that it is given", async () => {
      const add = buildOnce((orm) => orm.insert(entries).values({ id: raw.placeholder("id"), note: "built" }));
      const read = buildOnce((orm) =>
        orm
          .select()
          .from(entries)
          .where(eq(entries.id, raw.placeholder("id"))),
      );
      const undone = [1, 2, 3, 4].map((id) =>
        sql.transaction(async (tx) => {
          assert.equal((await add(tx, { id })).rowCount, 1);
          assert.deepEqual(await read(tx, { id }), [{ id, note: "built" }]);
          if (id % 2 === 0) throw new Error("undo");
        }),
      );
      await Promise.allSettled(undone);
      assert.deepEqual(await ids(), [1, 3]);
      await assert.rejects(async () => await add(sql, { id: 1 }), { code: "23505" });
    });

    it("refuses drizzle's own transactions, and its queries outside the runner inside a transaction", async () => {
      await assert.rejects(
        sql.orm.transaction(async () => {}),
        /use transaction\(\) of the `Sql` interface/,
      );
      await sql.transaction(async (tx) => {
        await assert.rejects(
          tx.orm.transaction(async () => {}),
          /use transaction\(\) of the `Sql` interface/,
        );
        await assert.rejects(sql.orm.select().from(entries).where(eq(entries.id, 1)).execute(), /inside a transaction/);
      });
    });

    it("names the variable while the server is unavailable, and has all committed data once the server is back", async () => {
      await sql.query("INSERT INTO entries VALUES (1)");
      const cut = sql.transaction(async (tx) => {
        await tx.query("INSERT INTO entries VALUES (2)");
        await server.kill();
        await tx.query("INSERT INTO entries VALUES (3)");
      });
      await assert.rejects(cut);
      await assert.rejects(async () => {
        for (;;) await sql.query("SELECT 1");
      });
      assert.match(sql.problem() ?? "", new RegExp(`^${server.variable}: `));
      await assert.rejects(sql.orm.select().from(entries).execute(), isUnavailable);
      await server.revive();
      assert.deepEqual(await ids(), [1]);
      assert.equal(sql.problem(), null);
    });
  });
}
