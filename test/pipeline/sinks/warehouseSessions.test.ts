/** Sessions, ratings, acts and what players did outside matches: the tables of the warehouse, and the views on them. */
import assert from "node:assert/strict";
import type { OutgoingMessage } from "../../../src/pipeline/log/EventLog.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { DAY_MS, NOON_MS, personMessage, playMatch, tickMessage, uuidV7 } from "./matches.ts";
import { MemoryRejects, readContents, warehouse } from "./warehouseUnderTest.ts";

const FACTS = ["fact_player", "fact_session", "fact_rating", "fact_admin", "fact_participation"];
const SECOND = 1000;
const MINUTE = 60_000;

interface Session {
  readonly number: number;
  readonly player: string;
  readonly from: number;
  /** Undefined: the process died. */
  readonly to?: number;
  readonly more?: object;
}

const connectionOf = ({ number, from }: Session) => uuidV7(from, number);

function connected(session: Session): OutgoingMessage {
  const { player, from, more } = session;
  const common = { connection: connectionOf(session), room: "queue", roomId: "r", platform: "web-desktop", ...more };
  return personMessage("logs_player", connectionOf(session), { kind: "connected", ...common }, player, from);
}

function disconnected(session: Session): OutgoingMessage {
  const { number, player, from, to = 0, more } = session;
  const common = { connection: connectionOf(session), room: "queue", roomId: "r", platform: "web-desktop", ...more };
  const ended = { kind: "disconnected", ...common, connectedAt: from, reason: "left", roundTripMs: 31 };
  return personMessage("logs_player", uuidV7(to, number), ended, player, to);
}

function rating(number: number, player: string, before: number, after: number, at: number): OutgoingMessage {
  const value = { game: "arena", mode: "duel", before, after, matchId: uuidV7(at, number), algorithm: "elo" };
  return personMessage("logs_rating", uuidV7(at, number), value, player, at);
}

const iso = (ms: number) => new Date(ms).toISOString();

for (const [name, start] of sqlServers) {
  describe(`players in the warehouse on ${name}`, function () {
    this.timeout(600_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("warehouse");
      sql = server.open();
    });
    /** The schema stays. */
    beforeEach(async () => {
      await warehouse(sql).onAssigned("logs_player", 0, "topic-1");
      await sql.query(
        `TRUNCATE ${["sink_offsets", "dim_match", "dim_player", ...FACTS].map((one) => `dw.${one}`).join()}`,
      );
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    async function store(
      messages: readonly OutgoingMessage[],
      size = 100,
      options: object = {},
    ): Promise<MemoryRejects> {
      const rejects = new MemoryRejects();
      const feed = new Feed();
      for (const message of messages) feed.add(0, message, NOON_MS);
      await feed.deliverAll(warehouse(sql, { rejects, ...options }), () => size);
      return rejects;
    }
    const sessions = async () => (await readContents(sql)).fact_session as Record<string, any>[];
    async function view(named: string): Promise<Record<string, unknown>[]> {
      const { rows } = await sql.query<Record<string, unknown>>(`SELECT * FROM dw.${named} ORDER BY 1, 2`);
      return rows.map((row) =>
        Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plain(value)])),
      );
    }
    const plain = (value: unknown) => (typeof value === "bigint" ? Number(value) : value);

    const whole: Session = { number: 1, player: "p1", from: NOON_MS, to: NOON_MS + MINUTE };

    it("a session is one row, whichever of its two messages arrives first, how often, and in which batch", async () => {
      await store([connected(whole), disconnected(whole)]);
      const [once] = await sessions();
      assert.deepEqual(
        { ...once, connected_at: Date.parse(once.connected_at), disconnected_at: Date.parse(once.disconnected_at) },
        {
          ...{ event_date: "2026-02-03", connection: connectionOf(whole), player: "p1", room: "queue", room_id: "r" },
          ...{ match_id: null, platform: "web-desktop", reason: "left", round_trip_ms: 31 },
          ...{ connected_at: whole.from, disconnected_at: whole.to },
        },
      );
      const messages: OutgoingMessage[] = [];
      const expected = new Map<string, object>();
      // B: begin, E: end.
      for (const [at, order] of ["B", "E", "EB", "BBE", "BEB", "EEB", "EBE", "BEEB"].entries()) {
        const session = { ...whole, number: 10 + at };
        messages.push(...[...order].map((letter) => (letter === "E" ? disconnected(session) : connected(session))));
        const connection = connectionOf(session);
        const open = order.includes("E") ? {} : { disconnected_at: null, reason: null, round_trip_ms: null };
        expected.set(connection, { ...once, connection, ...open });
      }
      for (const size of [1, 2, 3, 100]) {
        await sql.query("DELETE FROM dw.sink_offsets");
        await sql.query("DELETE FROM dw.fact_session");
        await store(messages, size);
        assert.deepEqual(new Map((await sessions()).map((row) => [row.connection, row])), expected);
      }
    });

    it("a session that lasts beyond midnight belongs to the day on which it began", async () => {
      const late = { ...whole, to: NOON_MS + DAY_MS };
      await store([disconnected(late)], 1, { now: () => NOON_MS + DAY_MS });
      const [{ event_date, disconnected_at }] = await sessions();
      assert.deepEqual([event_date, Date.parse(disconnected_at)], ["2026-02-03", late.to]);
    });

    it("a message whose connection is in the future is rejected, and its batch is stored", async () => {
      const future = { ...whole, number: 2, from: NOON_MS + 3 * DAY_MS, to: NOON_MS };
      const rejects = await store([connected(whole), disconnected(future)]);
      assert.deepEqual(
        rejects.all.map(({ reason }) => reason),
        ["refused"],
      );
      assert.equal((await sessions()).length, 1);
    });

    it("sign-ins, parties, deletions, ratings and acts are one row per message, without what operators wrote", async () => {
      const person = (number: number, fields: object) =>
        personMessage("logs_player", uuidV7(NOON_MS, number), fields, "p1", NOON_MS);
      const act = { operator: "ana", role: "moderate", act: "ban", player: "p1", room: null, detail: "d", reason: "w" };
      const messages = [
        person(1, { kind: "registered", method: "email", upgraded: true }),
        person(2, { kind: "party_left", party: "ABCDEFGH", reason: "left" }),
        person(3, { kind: "deleted" }),
        rating(4, "p1", 1500, 1516, NOON_MS),
        { ...personMessage("logs_admin", uuidV7(NOON_MS, 5), act), key: "ana" },
      ];
      await store([...messages, ...messages], 3);
      const { fact_player, fact_rating, fact_admin, dim_player } = await readContents(sql);
      const only = { method: null, upgraded: null, connection: null, party: null, reason: null, extra: null };
      const head = { event_date: "2026-02-03", player: "p1" };
      const withoutTimes = (rows: unknown[]) => rows.map(({ at: _, id: __, ...row }: any) => row);
      assert.deepEqual(
        withoutTimes(fact_player).toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
        [
          { ...head, ...only, kind: "deleted" },
          { ...head, ...only, kind: "party_left", party: "ABCDEFGH", reason: "left" },
          { ...head, ...only, kind: "registered", method: "email", upgraded: true },
        ],
      );
      const match_id = uuidV7(NOON_MS, 4);
      const changed = {
        game: "arena",
        mode: "duel",
        match_id,
        before: 1500,
        after: 1516,
        algorithm: "elo",
        extra: null,
      };
      assert.deepEqual(withoutTimes(fact_rating), [{ ...head, ...changed }]);
      assert.deepEqual(withoutTimes(fact_admin), [{ ...head, role: "moderate", act: "ban", room: null }]);
      assert.equal(dim_player.length, 1);
      assert.deepEqual(await view("player_actions"), [
        ...["ban", "deleted", "party_left", "registered"].map((kind) => ({
          ...{ event_date: "2026-02-03", kind, actions: 1, players: 1 },
        })),
      ]);
    });

    it("views of active players and retention: by the day on which a player was first seen", async () => {
      // Day of the first connection, and of later ones.
      const days: Record<string, readonly number[]> = { a: [0, 1, 7, 30], b: [0, 1], c: [0], d: [1, 8], e: [-3, 0] };
      const played = Object.entries(days).flatMap(([player, on], index) =>
        on.map((day, at) => {
          const from = NOON_MS + (day - 30) * DAY_MS;
          return connected({ number: index * 10 + at, player, from });
        }),
      );
      await store(played);
      const date = (day: number) => iso(NOON_MS + (day - 30) * DAY_MS).slice(0, 10);
      assert.deepEqual(
        (await view("daily_active_players")).map((row) => Object.values(row)),
        [
          ...[
            [date(-3), 1, 1],
            [date(0), 4, 3],
            [date(1), 3, 1],
            [date(7), 1, 0],
            [date(8), 1, 0],
            [date(30), 1, 0],
          ],
        ],
      );
      assert.deepEqual(
        (await view("monthly_active_players")).map((row) => Object.values(row)),
        [
          ["2026-01-01", 5],
          ["2026-02-01", 1],
        ],
      );
      const retained = (await view("retention")).map(({ cohort_day, players, day_1, day_7, day_30, day_1_rate }) => [
        ...[cohort_day, players, day_1, day_7, day_30, Number(day_1_rate)],
      ]);
      assert.deepEqual(retained, [
        ...[
          [date(-3), 1, 0, 0, 0, 0],
          [date(0), 3, 2, 1, 1, 0.6667],
          [date(1), 1, 0, 1, 0, 0],
        ],
      ]);
    });

    it("a day of retention that is not over has no number yet", async () => {
      const now = Date.now();
      await store([connected({ number: 1, player: "a", from: now - DAY_MS })], 1, { now: () => now });
      const [{ players, day_1, day_1_rate, day_7, day_30 }] = await view("retention");
      assert.deepEqual([players, day_1, day_1_rate, day_7, day_30], [1, null, null, null, null]);
    });

    it("session_length: connections with less than 30 minutes between them are one play session", async () => {
      const at = (minutes: number) => NOON_MS + minutes * MINUTE;
      const match = playMatch({ number: 9, mode: "duel", createdAt: at(200), reason: "aborted" });
      const inMatch = { room: "match", matchId: match[0].matchId };
      const ended = match.at(-1)!.at;
      const all: Session[] = [
        // One of 40 minutes: the queue, a match during it, a pause, another match.
        { number: 1, player: "a", from: at(0), to: at(5) },
        { number: 2, player: "a", from: at(4), to: at(20) },
        { number: 3, player: "a", from: at(35), to: at(40) },
        // Another one of a, and one of b at the same time.
        { number: 4, player: "a", from: at(71), to: at(81) },
        { number: 5, player: "b", from: at(0), to: at(2) },
        { number: 6, player: "c", from: at(0), to: at(3), more: { platform: "web-mobile" } },
        // The process died: in a match, which was ended later; and in the queue.
        { number: 7, player: "d", from: at(200), more: inMatch },
        { number: 8, player: "e", from: at(0) },
      ];
      const messages = all.flatMap((one) =>
        one.to === undefined ? [connected(one)] : [connected(one), disconnected(one)],
      );
      await store([...messages, ...match.map((one) => tickMessage(one))]);
      const lengths = [2 * MINUTE, 10 * MINUTE, 40 * MINUTE, ended - at(200)].map((ms) => Math.round(ms / SECOND));
      lengths.sort((a, b) => a - b);
      const average_seconds = Math.round(lengths.reduce((sum, one) => sum + one) / 4);
      const day = { event_date: "2026-02-03" };
      assert.deepEqual(await view("session_length"), [
        {
          ...{ ...day, platform: "web-desktop", sessions: 4, connections: 6, average_seconds },
          ...{ p50_seconds: lengths[1], p90_seconds: lengths[3] },
        },
        {
          ...{ ...day, platform: "web-mobile", sessions: 1, connections: 1, average_seconds: 180 },
          ...{ p50_seconds: 180, p90_seconds: 180 },
        },
      ]);
    });

    it("rating_history: the matches of a player in their order, with the change", async () => {
      await store([
        rating(2, "a", 1516, 1500, NOON_MS + 5),
        rating(1, "a", 1500, 1516, NOON_MS),
        rating(3, "b", 1500, 1484, NOON_MS),
      ]);
      assert.deepEqual(
        (await view("rating_history")).map(({ player, number, before, after, change }) => [
          player,
          number,
          before,
          after,
          change,
        ]),
        [
          ["a", 1, 1500, 1516, 16],
          ["a", 2, 1516, 1500, -16],
          ["b", 1, 1500, 1484, -16],
        ],
      );
    });
  });
}
