import assert from "node:assert/strict";
import { arena } from "../../../src/arena/game.ts";
import { int, seat, seats } from "../../../src/game/events.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import { warehouseSink } from "../../../src/pipeline/sinks/warehouse/WarehouseSink.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import {
  DAY_MS,
  type MatchMessage,
  NOON_MS,
  personMessage,
  playMatch,
  randomFrom,
  TOPICS,
  tickMessage,
  uuidV7,
} from "./matches.ts";
import { feedOf, played } from "./warehouseFeed.ts";
import { MemoryRejects, readContents, warehouse } from "./warehouseUnderTest.ts";

for (const [name, start] of sqlServers) {
  describe(`the warehouse sink on ${name}, new fields, partitions and rejects`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("warehouse");
      sql = server.open();
    });
    beforeEach(() => server.wipe());
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
    const tagged = (number: number, event: object): MatchMessage => ({
      matchId: uuidV7(NOON_MS, number),
      mode: "tag",
      topic: "logs_tag",
      tick: 3,
      at: NOON_MS,
      events: [{ ...event }],
    });

    it("creates a table for another game's event", async () => {
      const feed = new Feed();
      feed.add(0, tickMessage(tagged(1, { tagger: "p1", distance: 4 }), "tag"));
      await feed.deliverAll(warehouse(sql, {}, [tag({ tagger: seat(), distance: int(0, 99) })]));
      const { rows } = await sql.query("SELECT event_date, tick, idx, tagger, distance FROM dw.fact_tag");
      assert.deepEqual(rows, [{ event_date: "2026-02-03", tick: 3n, idx: 0, tagger: "p1", distance: 4 }]);
    });

    it("adds a column for a new field, null in old rows, and stores an unknown field in extra", async () => {
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

    it("adds a column with a default to existing rows, and claims nothing about rows that an older build adds", async () => {
      const older = [tag({ tagger: seat() })];
      const fields = { tagger: seat(), distance: int(0, 99).default(7), seen: seats().default(["it's", 'a "b"']) };
      const feed = new Feed();
      const deliver = (number: number, event: object, games: never[]) => {
        feed.add(0, tickMessage(tagged(number, event), "tag"));
        return feed.deliverAll(warehouse(sql, {}, games));
      };
      await deliver(1, { tagger: "p1" }, older);
      await deliver(2, { tagger: "p2" }, [tag(fields)]);
      await deliver(3, { tagger: "p3", distance: 5 }, older);
      const { rows } = await sql.query("SELECT tagger, distance, seen, extra FROM dw.fact_tag ORDER BY tagger");
      const seen = ["it's", 'a "b"'];
      assert.deepEqual(rows, [
        { tagger: "p1", distance: 7, seen, extra: null },
        { tagger: "p2", distance: 7, seen, extra: null },
        { tagger: "p3", distance: null, seen: null, extra: { distance: 5 } },
      ]);
    });

    it("stops with one line if a column has another type", async () => {
      await warehouse(sql, {}, [tag({ tagger: seat() })]).onAssigned("logs_tag", 0, "t");
      const other = warehouse(sql, {}, [tag({ tagger: int(0, 9) })]);
      await assert.rejects(other.onAssigned("logs_tag", 0, "t"), {
        name: "Unrecoverable",
        message: "WAREHOUSE_URL: column dw.fact_tag.tagger has type text, expected integer: rename the old column",
      });
    });

    it("can be created by many processes at once", async () => {
      const all = Array.from({ length: 4 }, () => warehouse(sql).onAssigned("logs_move", 0, "t"));
      assert.deepEqual(await Promise.all(all), [null, null, null, null]);
    });

    const days = async () => {
      const { rows } = await sql.query<{ name: string }>(
        "SELECT relname AS name FROM pg_class WHERE relispartition AND relname LIKE 'fact_move_%' AND relkind = 'r' ORDER BY 1",
      );
      return rows.map(({ name: partition }) => partition.slice("fact_move_".length));
    };

    it("creates partitions ahead, and on demand for other days", async () => {
      const handler = warehouse(sql);
      await handler.onAssigned("logs_move", 0, "t");
      assert.deepEqual(await days(), ["20260203", "20260204", "20260205"]);
      await feedOf().deliverAll(handler);
      assert.deepEqual(await days(), ["20260202", "20260203", "20260204", "20260205"]);
    });

    /** A warehouse with retention on a machine whose clocks the test sets. Messages have the time of the clock. */
    const aging = () => {
      const times = { now: NOON_MS, uptimeMs: 0 };
      const lines: string[] = [];
      const handler = warehouse(sql, {
        ...{ retentionDays: 1, now: () => times.now },
        bootTime: () => ({ boot: "boot", uptimeMs: times.uptimeMs }),
        warn: (line) => lines.push(line),
        inform: (line) => lines.push(line),
      });
      const feed = new Feed();
      let number = 0;
      const store = async (createdAt: number, appendedAt: number) => {
        number++;
        for (const one of playMatch({ number, mode: "duel", createdAt })) feed.add(0, tickMessage(one), appendedAt);
        await feed.deliverAll(handler);
      };
      return { times, handler, lines, store };
    };

    it("drops days beyond the retention, says so, and stores nothing of them later", async () => {
      const { times, handler, lines, store } = aging();
      await store(NOON_MS - 2 * DAY_MS, NOON_MS);
      await store(NOON_MS, NOON_MS);
      await handler.onIdle?.();
      assert.deepEqual(await days(), ["20260203", "20260204", "20260205"]);
      assert.match(lines[0], /^sink warehouse: deleted \d+ partitions and 1 matches of 1 day \(2026-02-01\)/);
      Object.assign(times, { now: NOON_MS + 2 * DAY_MS, uptimeMs: 2 * DAY_MS });
      await store(NOON_MS + 2 * DAY_MS, times.now);
      await handler.onIdle?.();
      assert.deepEqual(await days(), ["20260204", "20260205", "20260206", "20260207"]);
      await store(NOON_MS, times.now);
      await handler.onIdle?.();
      const { rows: kept } = await sql.query("SELECT DISTINCT event_date AS day FROM dw.fact_attack");
      assert.deepEqual(kept, [{ day: "2026-02-05" }]);
      assert.match(lines.at(-1)!, /left out \d+ messages of days before 2026-02-04, which retention has deleted/);
    });

    it("stores the end of a session that began before all days that are kept, but not the session", async () => {
      const { times, handler, store } = aging();
      await store(NOON_MS - 2 * DAY_MS, NOON_MS);
      await handler.onIdle?.();
      const feed = new Feed();
      for (const [at, connectedAt] of [NOON_MS - 2 * DAY_MS, NOON_MS].entries()) {
        const ended = { kind: "disconnected", connection: uuidV7(connectedAt, at), connectedAt, reason: "left" };
        feed.add(0, personMessage("logs_player", uuidV7(NOON_MS, at), ended, `p${at}`), times.now);
      }
      await feed.deliverAll(handler);
      const { fact_player, fact_session } = await readContents(sql);
      assert.deepEqual([fact_player.length, fact_session.map((row: any) => row.player)], [2, ["p1"]]);
      assert.ok(!(await days()).includes("20260201"));
    });

    it("deletes no day and stores every message while the clock is a month ahead for a minute", async () => {
      const { times, handler, lines, store } = aging();
      await store(NOON_MS, NOON_MS);
      await handler.onIdle?.();
      times.now += 30 * DAY_MS;
      times.uptimeMs += 60_000;
      await store(NOON_MS + 60_000, NOON_MS + 60_000);
      await store(NOON_MS + 60_000, times.now);
      for (let minute = 0; minute < 90; minute++) {
        times.uptimeMs += 60_000;
        await handler.onIdle?.();
      }
      const { rows } = await sql.query("SELECT DISTINCT event_date AS day FROM dw.fact_attack");
      assert.deepEqual([rows, lines], [[{ day: "2026-02-03" }], []]);
    });

    it("rejects no event because its own clock is a month behind", async () => {
      const { times, store } = aging();
      times.now -= 30 * DAY_MS;
      await store(NOON_MS, NOON_MS);
      const { rows } = await sql.query("SELECT DISTINCT event_date AS day FROM dw.fact_attack");
      assert.deepEqual(rows, [{ day: "2026-02-03" }]);
    });

    it("continues after another process dropped a partition that it had created", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_attack", 1);
      const handler = warehouse(sql);
      await handler.onAssigned(one.topic, one.partition, feed.topicId);
      await handler.apply(feed.batch(one, 0, 1));
      await sql.query("DROP TABLE dw.fact_attack_20260203");
      await handler.apply(feed.batch(one, 1, one.messages.length));
    });

    it("is never stopped by a bad message, and rejects each with its reason", async () => {
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
      const rejects = new MemoryRejects();
      await feed.deliverAll(warehouse(sql, { rejects }));
      assert.deepEqual(
        rejects.all.map(({ reason, message }) => [reason, message.offset]),
        bad.map(([reason], at) => [reason, BigInt(2 * at + 1)]),
      );
      const { rows } = await sql.query("SELECT count(*) AS stored FROM dw.fact_attack");
      assert.deepEqual(rows, [{ stored: BigInt(bad.length) }]);
    });

    it("keeps the fields of a match that have no column in dim_match, in any order and any number of times", async () => {
      const more = {
        created: { season: 3 },
        started: { algorithm: "elo", theme: { sky: "red" } },
        ended: { mvp: "p1" },
      };
      const messagesOf = (number: number) =>
        playMatch({ number, mode: "duel" }).filter(({ topic }) => topic === "logs_match");
      const orders: ((all: MatchMessage[]) => MatchMessage[])[] = [
        (all) => all,
        (all) => all.toReversed(),
        (all) => [...all, ...all, ...all.toReversed()],
      ];
      // Each match is in a partition of its own.
      for (const [number, order] of orders.entries()) {
        const withMore = messagesOf(number).map((message) => ({
          ...message,
          events: message.events.map((event) => ({ ...event, ...more[event.kind as keyof typeof more] })),
        }));
        const feed = new Feed();
        for (const message of order(withMore)) feed.add(number, tickMessage(message));
        await feed.deliverAll(warehouse(sql), () => 1 + number);
      }
      const feed = new Feed();
      for (const message of messagesOf(orders.length)) feed.add(orders.length, tickMessage(message));
      await feed.deliverAll(warehouse(sql));
      const { rows } = await sql.query(
        "SELECT extra, roster IS NOT NULL AS merged FROM dw.dim_match ORDER BY match_id",
      );
      const expected = [...orders.map(() => more), null];
      assert.deepEqual(
        rows,
        expected.map((extra) => ({ extra, merged: true })),
      );
    });

    it("keeps the fields that it does not know of what happens outside matches, except of operators' acts", async () => {
      const change = {
        game: "arena",
        mode: "duel",
        before: 1,
        after: 2,
        matchId: uuidV7(NOON_MS, 9),
        algorithm: "elo",
      };
      const act = { operator: "ada", role: "moderate", act: "kick", room: null, detail: null, reason: null };
      const connection = { connection: uuidV7(NOON_MS, 2), room: "queue", roomId: "r" };
      const fields = {
        logs_player: { kind: "connected", ...connection },
        logs_rating: change,
        logs_admin: act,
      };
      const feed = new Feed();
      for (const [topic, value] of Object.entries(fields)) {
        feed.add(0, personMessage(topic, uuidV7(NOON_MS, 2), { ...value, device: { os: "x" } }));
        feed.add(0, personMessage(topic, uuidV7(NOON_MS, 3), value));
      }
      await feed.deliverAll(warehouse(sql));
      const contents = await readContents(sql);
      const extraIn = (table: string) => contents[table].map((row) => (row as { extra?: object | null }).extra);
      for (const table of ["fact_player", "fact_rating"])
        assert.deepEqual(extraIn(table), [{ device: { os: "x" } }, null], table);
      assert.deepEqual(extraIn("fact_admin"), [undefined, undefined]);
    });

    it("rejects a message that only the database refuses, and stores the rest of its batch", async () => {
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
      const rejects = new MemoryRejects();
      await feed.deliverAll(warehouse(sql, { rejects }));
      assert.deepEqual(
        rejects.all.map(({ reason, message, detail }) => [reason, message.offset, detail]),
        [["refused", 1n, "PostgreSQL 54000"]],
      );
      assert.equal((await readContents(sql)).dim_match.length, 1);
    });

    it("ignores a message that is sent again for another sink", async () => {
      const feed = new Feed();
      const [attack] = played.filter(({ topic }) => topic === "logs_attack").map((message) => tickMessage(message));
      for (const redrive of ["lake", "warehouse"]) {
        feed.add(0, { ...attack, headers: { ...attack.headers, redrive } });
        if (redrive === "lake") feed.add(0, { ...attack, headers: { redrive }, value: "not JSON" });
        const rejects = new MemoryRejects();
        await feed.deliverAll(warehouse(sql, { rejects }));
        assert.deepEqual(rejects.all, []);
        assert.equal((await readContents(sql)).fact_attack.length, redrive === "lake" ? 0 : 1);
      }
    });

    it("does not move past a message while its reject cannot be published", async () => {
      const feed = new Feed();
      feed.add(0, { topic: "logs_move", key: null, headers: {}, value: "x" });
      const unavailable = { publish: () => Promise.reject(new Error("the log is unavailable")) };
      await assert.rejects(feed.deliverAll(warehouse(sql, { rejects: unavailable })), /the log is unavailable/);
      assert.equal(await warehouse(sql).onAssigned("logs_move", 0, feed.topicId), null);
    });

    it("reads every topic that belongs in the warehouse", async () => {
      const options = { sql, catalogue: new EventCatalogue([arena]), rejects: new MemoryRejects(), warn: () => {} };
      const sink = warehouseSink({ ...options, moveTicks: 20, retentionDays: null, now: Date.now });
      const ofPlayers = ["logs_admin", "logs_player", "logs_rating"];
      assert.deepEqual([...sink.topics].sort(), [...TOPICS, ...ofPlayers].sort());
    });
  });
}
