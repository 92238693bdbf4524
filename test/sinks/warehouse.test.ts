import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../src/arena/game.ts";
import { int, seat } from "../../src/game/events.ts";
import { Fenced, Unrecoverable } from "../../src/log/Log.ts";
import { EventCatalogue } from "../../src/sinks/eventCatalogue.ts";
import { warehouseSink } from "../../src/sinks/warehouse/WarehouseSink.ts";
import type { Sql } from "../../src/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../sql/servers.ts";
import { Feed } from "./Feed.ts";
import {
  DAY_MS,
  NOON_MS,
  playMatch,
  queueMessage,
  randomFrom,
  TOPICS,
  type Told,
  tickMessage,
  uuidV7,
} from "./matches.ts";
import { Crash, contents, crashingAt, KeptRejects, MOVE_TICKS, warehouse, wipe } from "./warehouseUnderTest.ts";

const plans = [
  { number: 1, mode: "duel" },
  { number: 2, mode: "ffa" },
  { number: 3, mode: "ffa", createdAt: NOON_MS - DAY_MS },
  { number: 4, mode: "duel", reason: "aborted" },
] as const;
const played = plans.flatMap((plan) => playMatch(plan));
const queued = Array.from({ length: 9 }, (_, at) => {
  const kind = at % 3 === 2 ? "matched" : "entered";
  return { id: uuidV7(NOON_MS + at, at), at: NOON_MS + at, kind, player: `p${at % 3}`, waitMs: at * 1000 };
});

/** Messages of a match share a partition. */
const partitionOf = ({ matchId }: Told) => Number.parseInt(matchId.slice(-1), 16) % 2;

function feedOf(told: readonly Told[] = played): Feed {
  const feed = new Feed();
  for (const one of told) feed.add(partitionOf(one), tickMessage(one));
  for (const one of queued) feed.add(0, queueMessage(one));
  return feed;
}

const storedMoves = (told: readonly Told[]) =>
  told.filter((one) => one.topic !== "logs_move" || one.tick % MOVE_TICKS === 0);
const countOf = (topic: string, told = storedMoves(played)) =>
  told.filter((one) => one.topic === topic).flatMap(({ events }) => events).length;

for (const [name, start] of sqlServers) {
  describe(`the warehouse sink on ${name}`, function () {
    this.timeout(120_000);
    let server: SqlServer;
    let sql: Sql;
    let expected: Record<string, unknown[]>;
    before(async () => {
      server = await start();
      sql = server.open();
      await feedOf().deliverAll(warehouse(sql));
      expected = await contents(sql);
    });
    beforeEach(() => wipe(sql));
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const agree = async () => assert.deepEqual(await contents(sql), expected);

    it("stores every event once under its identity, and moves of every twentieth tick", () => {
      for (const topic of ["logs_move", "logs_attack", "logs_heal", "logs_death"]) {
        const rows = expected[`fact_${topic.slice(5)}`] as { match_id: string; tick: number; idx: number }[];
        assert.equal(rows.length, countOf(topic), topic);
        assert.equal(new Set(rows.map(({ match_id, tick, idx }) => `${match_id} ${tick} ${idx}`)).size, rows.length);
      }
      assert.equal(expected.fact_queue.length, queued.length);
      assert.equal(expected.dim_match.length, plans.length);
    });

    it("stores the fields of an event as they were told, under their snake-case names", () => {
      const death = played.find(({ topic }) => topic === "logs_death")!;
      const rows = expected.fact_death as Record<string, unknown>[];
      const row = rows.find((one) => one.match_id === death.matchId && one.tick === death.tick)!;
      const { victim, killer, assists, weapon, x, y } = death.events[0];
      const at = new Date(death.at).toISOString();
      assert.equal(new Date(row.at as string).toISOString(), at);
      assert.deepEqual(
        { ...row, at },
        {
          event_date: "2026-02-03",
          match_id: death.matchId,
          tick: death.tick,
          idx: 0,
          at,
          victim,
          killer,
          assists,
          weapon,
          x,
          y,
          extra: null,
        },
      );
    });

    it("puts a match together from its events and keeps no names", () => {
      const rows = expected.dim_match as Record<string, unknown>[];
      const duel = rows.find(({ match_id }) => match_id === uuidV7(NOON_MS, 1))!;
      assert.equal(duel.mode, "duel");
      assert.equal(duel.rated, true);
      assert.equal(duel.warehouse_move_ticks, MOVE_TICKS);
      assert.equal(duel.reason, "score");
      assert.equal(duel.last_tick, 45);
      assert.deepEqual(duel.shed, {});
      assert.ok(duel.created_at && duel.started_at && duel.ended_at);
      assert.deepEqual(Object.keys(expected.dim_player[0] as object).sort(), [
        "bot",
        "first_seen",
        "last_seen",
        "player",
      ]);
    });

    it("changes nothing when everything is replayed from offset 0", async () => {
      const feed = feedOf();
      await feed.deliverAll(warehouse(sql));
      await sql.query("UPDATE dw.sink_offsets SET next_offset = NULL");
      await feed.deliverAll(warehouse(sql), () => 7);
      await agree();
    });

    it("goes on from the offset stored here", async () => {
      const feed = feedOf();
      await feed.deliverAll(warehouse(sql));
      const [one] = feed.partitions;
      const stored = await warehouse(sql).assigned(one.topic, one.partition, feed.topicId);
      assert.equal(stored, BigInt(one.messages.length));
    });

    it("ends in the same tables after a crash between any two statements", async () => {
      const feed = feedOf(played.filter(({ matchId }) => matchId !== uuidV7(NOON_MS, 2)));
      await feed.deliverAll(warehouse(sql), () => 40);
      const whole = await contents(sql);
      await wipe(sql);
      let crashes = 0;
      for (let at = 1, done = false; !done; at = (at % 23) + 1) {
        // A new handler each time, as a new process would have.
        const delivered = feed.deliverAll(warehouse(crashingAt(sql, at + 4 * crashes)), () => 40);
        done = await delivered.then(
          () => true,
          (error) => {
            if (!(error instanceof Crash)) throw error;
            crashes++;
            return false;
          },
        );
      }
      assert.ok(crashes > 5);
      assert.deepEqual(await contents(sql), whole);
    });

    it("fences the older of two consumers of a partition, which then writes nothing", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_attack", 1);
      const older = warehouse(sql);
      const newerSql = server.open();
      const newer = warehouse(newerSql);
      await older.assigned(one.topic, one.partition, feed.topicId);
      await newer.assigned(one.topic, one.partition, feed.topicId);
      await newer.apply(feed.batch(one, 0, 3));
      const before = await contents(sql);
      await assert.rejects(older.apply(feed.batch(one, 0, 5)), Fenced);
      assert.deepEqual(await contents(sql), before);
      await newer.apply(feed.batch(one, 3, one.messages.length));
      await newerSql.close();
    });

    it("lets one of two consumers win that apply at the same moment", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_match", 0);
      const both = [warehouse(sql), warehouse(sql)];
      for (const handler of both) await handler.assigned(one.topic, one.partition, feed.topicId);
      const outcomes = await Promise.allSettled(both.map((handler) => handler.apply(feed.batch(one, 0, 4))));
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("stops where a topic was deleted and made anew", async () => {
      await feedOf().deliverAll(warehouse(sql));
      await assert.rejects(warehouse(sql).assigned("logs_move", 0, "topic-2"), (error: Error) => {
        assert.ok(error instanceof Unrecoverable);
        assert.match(error.message, /^topic logs_move was deleted and made anew/);
        return true;
      });
    });

    it("ends in the same tables for any cut, order of partitions and repetition", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(fc.nat(played.length - 1), { maxLength: 60 }),
          async (seed, repeated) => {
            await wipe(sql);
            const random = randomFrom(seed);
            const feed = feedOf();
            // The relay sends again what it had sent already, under new offsets.
            for (const at of repeated) feed.add(partitionOf(played[at]), tickMessage(played[at]));
            feed.partitions.sort(() => random() - 0.5);
            const handlers = [warehouse(sql), warehouse(sql)];
            await Promise.all(
              handlers.map((handler, half) =>
                Promise.all(
                  feed.partitions
                    .filter((_, at) => at % 2 === half)
                    .map((one) => feed.deliver(handler, one, () => Math.floor(random() * 60))),
                ),
              ),
            );
            await agree();
          },
        ),
        { numRuns: 12 },
      );
    });
  });

  describe(`what the warehouse sink on ${name} does with time and with what it does not know`, function () {
    this.timeout(120_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start();
      sql = server.open();
    });
    beforeEach(() => wipe(sql));
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const tag = (fields: object) =>
      ({
        name: "tag",
        inputFields: [],
        events: { tag: { topic: "tag", shed: "never", toClients: true, fields } },
      }) as never;
    const tagged = (number: number, event: object): Told => ({
      matchId: uuidV7(NOON_MS, number),
      mode: "tag",
      topic: "logs_tag",
      tick: 3,
      at: NOON_MS,
      events: [{ ...event }],
    });

    it("makes a table of another game's event", async () => {
      const feed = new Feed();
      feed.add(0, tickMessage(tagged(1, { tagger: "p1", distance: 4 }), "tag"));
      await feed.deliverAll(warehouse(sql, {}, [tag({ tagger: seat(), distance: int(0, 99) })]));
      const { rows } = await sql.query("SELECT event_date, tick, idx, tagger, distance FROM dw.fact_tag");
      assert.deepEqual(rows, [{ event_date: "2026-02-03", tick: 3n, idx: 0, tagger: "p1", distance: 4 }]);
    });

    it("adds a column for a new field, null in old rows, and keeps a field that it does not know", async () => {
      const feed = new Feed();
      feed.add(0, tickMessage(tagged(1, { tagger: "p1", distance: 4 }), "tag"));
      await feed.deliverAll(warehouse(sql, {}, [tag({ tagger: seat() })]));
      feed.add(0, tickMessage(tagged(2, { tagger: "p2", distance: 5 }), "tag"));
      await feed.deliverAll(warehouse(sql, {}, [tag({ tagger: seat(), distance: int(0, 99) })]));
      const { rows } = await sql.query("SELECT tagger, distance, extra FROM dw.fact_tag ORDER BY tagger");
      assert.deepEqual(rows, [
        { tagger: "p1", distance: null, extra: { distance: 4 } },
        { tagger: "p2", distance: 5, extra: null },
      ]);
    });

    it("stops with one line where a column stands with another type", async () => {
      await warehouse(sql, {}, [tag({ tagger: seat() })]).assigned("logs_tag", 0, "t");
      const other = warehouse(sql, {}, [tag({ tagger: int(0, 9) })]);
      await assert.rejects(other.assigned("logs_tag", 0, "t"), {
        name: "Unrecoverable",
        message: "WAREHOUSE_URL: dw.fact_tag.tagger is text, this build writes integer",
      });
    });

    it("may be laid out by many at once", async () => {
      const all = Array.from({ length: 4 }, () => warehouse(sql).assigned("logs_move", 0, "t"));
      assert.deepEqual(await Promise.all(all), [null, null, null, null]);
    });

    const days = async () => {
      const { rows } = await sql.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relispartition AND relname LIKE 'fact_move_%' AND relkind = 'r' ORDER BY 1",
      );
      return rows.map(({ name: partition }) => partition.slice("fact_move_".length));
    };

    it("makes partitions ahead, and on demand for other days", async () => {
      const handler = warehouse(sql);
      await handler.assigned("logs_move", 0, "t");
      assert.deepEqual(await days(), ["20260203", "20260204", "20260205"]);
      await feedOf().deliverAll(handler);
      assert.deepEqual(await days(), ["20260202", "20260203", "20260204", "20260205"]);
    });

    it("drops days older than it keeps, once they are, and stores nothing of them", async () => {
      let now = NOON_MS;
      const handler = warehouse(sql, { retentionDays: 1, now: () => now });
      const feed = feedOf([...played, ...playMatch({ number: 9, mode: "duel", createdAt: NOON_MS - 2 * DAY_MS })]);
      await feed.deliverAll(handler);
      await handler.idle?.();
      const { rows } = await sql.query<{ day: string }>(
        "SELECT DISTINCT event_date AS day FROM dw.dim_match ORDER BY 1",
      );
      assert.deepEqual(rows, [{ day: "2026-02-02" }, { day: "2026-02-03" }]);
      now += DAY_MS;
      await handler.idle?.();
      assert.deepEqual(await days(), ["20260203", "20260204", "20260205", "20260206"]);
      const { rows: kept } = await sql.query("SELECT DISTINCT event_date AS day FROM dw.fact_attack");
      assert.deepEqual(kept, [{ day: "2026-02-03" }]);
    });

    it("goes on when another process dropped a partition that it knew", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_attack", 1);
      const handler = warehouse(sql);
      await handler.assigned(one.topic, one.partition, feed.topicId);
      await handler.apply(feed.batch(one, 0, 1));
      await sql.query("DROP TABLE dw.fact_attack_20260203");
      await handler.apply(feed.batch(one, 1, one.messages.length));
    });

    it("is never stopped by a message, and hands each to the rejects with its reason", async () => {
      const good = played.filter(({ topic }) => topic === "logs_attack");
      const bad: [reason: string, change: (message: ReturnType<typeof tickMessage>) => object][] = [
        ["empty", () => ({ value: null })],
        ["not-json", () => ({ value: Buffer.from([0xff, 0x00, 0x7b]) })],
        ["schema", () => ({ value: "[]" })],
        ["schema", () => ({ value: "null" })],
        ["future-version", ({ value }) => ({ value: String(value).replace('"v":1', '"v":2') })],
        ["unknown-game", ({ value }) => ({ value: String(value).replace('"arena"', '"chess"') })],
        ["schema", ({ value }) => ({ value: String(value).replace(/"attacker":"[^"]*"/, '"attacker":7') })],
        ["schema", ({ value }) => ({ value: String(value).replace(/"attacker":"[^"]*"/, '"attacker":"a\\u0000b"') })],
        ["identity", () => ({ headers: { id: "other" } })],
        [
          "refused",
          ({ value, headers }) => {
            const far = (text: string) => text.replace(/0[0-9a-f]{7}-[0-9a-f]{4}-7000/g, "ffffffff-ffff-7000");
            return { value: far(String(value)), headers: { id: far(headers.id) } };
          },
        ],
      ];
      const feed = new Feed();
      for (const [at, [, change]] of bad.entries()) {
        feed.add(0, tickMessage(good[at]));
        feed.add(0, { ...tickMessage(good[at]), ...change(tickMessage(good[at])) });
      }
      const rejects = new KeptRejects();
      await feed.deliverAll(warehouse(sql, { rejects }));
      assert.deepEqual(
        rejects.all.map(({ reason, message }) => [reason, message.offset]),
        bad.map(([reason], at) => [reason, BigInt(2 * at + 1)]),
      );
      const { rows } = await sql.query("SELECT count(*) AS stored FROM dw.fact_attack");
      assert.deepEqual(rows, [{ stored: BigInt(bad.length) }]);
    });

    it("rejects alone what only the database refuses, and stores the rest of its batch", async () => {
      const feed = new Feed();
      const [first, second] = played.filter(({ topic, tick }) => topic === "logs_match" && tick === 0);
      // Incompressible, and too long for an index.
      const random = randomFrom(1);
      const player = Array.from({ length: 9000 }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join("");
      feed.add(0, tickMessage(first));
      feed.add(
        0,
        tickMessage({ ...second, events: [{ kind: "joined", player, seat: 0, team: 0, role: 0, bot: false }] }),
      );
      const rejects = new KeptRejects();
      await feed.deliverAll(warehouse(sql, { rejects }));
      assert.deepEqual(
        rejects.all.map(({ reason, message, detail }) => [reason, message.offset, detail]),
        [["refused", 1n, "PostgreSQL 54000"]],
      );
      assert.equal((await contents(sql)).dim_match.length, 1);
    });

    it("leaves alone what is sent again for another sink", async () => {
      const feed = new Feed();
      const [attack] = played.filter(({ topic }) => topic === "logs_attack").map((told) => tickMessage(told));
      for (const redrive of ["lake", "warehouse"]) {
        feed.add(0, { ...attack, headers: { ...attack.headers, redrive } });
        if (redrive === "lake") feed.add(0, { ...attack, headers: { redrive }, value: "not JSON" });
        const rejects = new KeptRejects();
        await feed.deliverAll(warehouse(sql, { rejects }));
        assert.deepEqual(rejects.all, []);
        assert.equal((await contents(sql)).fact_attack.length, redrive === "lake" ? 0 : 1);
      }
    });

    it("does not move past a message that could not be put into the rejects", async () => {
      const feed = new Feed();
      feed.add(0, { topic: "logs_move", key: null, headers: {}, value: "x" });
      const away = { publish: () => Promise.reject(new Error("the log is away")) };
      await assert.rejects(feed.deliverAll(warehouse(sql, { rejects: away })), /the log is away/);
      assert.equal(await warehouse(sql).assigned("logs_move", 0, feed.topicId), null);
    });

    it("reads every topic that belongs into the warehouse", async () => {
      const options = { sql, catalogue: new EventCatalogue([arena]), rejects: new KeptRejects(), warn: () => {} };
      const sink = warehouseSink({ ...options, moveTicks: 20, retentionDays: null, now: Date.now });
      assert.deepEqual([...sink.topics].sort(), [...TOPICS].sort());
    });
  });
}
