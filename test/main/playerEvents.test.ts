/**
 * Everything that players do outside matches, and their ratings, is once in its topic, once in its table of the warehouse and once in
 * its view, compared with what the script of the players says: with the embedded defaults, and with real services.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { ObjectStore } from "../../src/platform/objectStore/ObjectStore.ts";
import { openObjectStore } from "../../src/platform/objectStore/openObjectStore.ts";
import { connectEmbedded, openSql } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { OPERATOR, Program } from "../chaos/Program.ts";
import { filesIn } from "../pipeline/sinks/lakeUnderTest.ts";
import { leastPrivileges } from "../tools/services/leastPrivileges.ts";
import { useServices } from "../tools/services/useServices.ts";
import { PlayerScript } from "./PlayerScript.ts";

const WITHIN_MS = 240_000;
const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const ENV = {
  ...{ ...OPERATOR, GAMES, TEST_MATCH_MS: "600000", LOG_LEVEL: "warn" },
  ...{ LAKE_FLUSH_SECONDS: "1", RANK_ANONYMOUS: "1" },
};

interface Message {
  readonly id: string;
  readonly value: Readonly<Record<string, any>>;
}

/** Tests that play the script once and then compare what is stored. */
function describeScript(title: string, start: (dataDir: string) => Promise<{ env: Record<string, string> }>) {
  describe(title, function () {
    this.timeout(900_000);
    const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-players-"));
    let script: PlayerScript;
    let objects: ObjectStore;
    let sql: Sql;
    let program: Program | null = null;

    before(async () => {
      const { env } = await start(dataDir);
      program = await Program.start({ dataDir, env });
      await program.untilHealthy(WITHIN_MS);
      objects = openObjectStore(env, { path: path.join(dataDir, "lake"), variable: "DATA_DIR" });
      script = new PlayerScript(program.url, `${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`);
      await script.play();
      const { WAREHOUSE_URL: url } = env;
      sql =
        url === undefined
          ? await connectEmbedded(path.join(dataDir, "sql"), WITHIN_MS)
          : await openSql({ variable: "WAREHOUSE_URL", url });
      const expected = { player: script.events.length + 2 * script.sessions.length, rating: 2, admin: 1 };
      for (const [name, count] of Object.entries(expected)) {
        while ((await stored(`logs_${name}`)).length < count) await delay(500);
        while ((await rowsOf(`SELECT id FROM dw.fact_${name}`)).length < count) await delay(500);
      }
    });
    after(async () => {
      await sql?.close();
      await program?.kill();
      rmSync(dataDir, { recursive: true, force: true });
    });

    async function stored(topic: string): Promise<Message[]> {
      const messages = (await filesIn(objects, topic)).flatMap((file) => file.messages);
      return messages.map(({ headers, value }) => ({ id: headers.id!, value: JSON.parse(String(value)) }));
    }
    const rowsOf = async (query: string) => (await sql.query<Record<string, any>>(query)).rows;
    const isConnection = ({ kind }: { readonly kind: string }) => kind === "connected" || kind === "disconnected";
    const line = (...parts: unknown[]) => parts.filter((part) => part !== null && part !== undefined).join(" ");
    const sessionLines = () => script.sessions.map(({ player, room, reason }) => line(player, room, reason)).sort();
    const once = (ids: readonly string[]) => assert.equal(new Set(ids).size, ids.length, "each id occurs once");

    it("is once in logs_player and fact_player", async () => {
      const messages = (await stored("logs_player")).filter(({ value }) => !isConnection(value as any));
      const rows = (await rowsOf("SELECT * FROM dw.fact_player")).filter((row) => !isConnection(row as any));
      const told = (of: Readonly<Record<string, any>>) =>
        line(of.kind, of.player, of.method, of.party, of.upgraded, of.reason);
      assert.deepEqual(messages.map(({ value }) => told(value)).sort(), script.events.toSorted());
      assert.deepEqual(rows.map(told).sort(), script.events.toSorted());
      assert.deepEqual(rows.map(({ id }) => id).sort(), messages.map(({ id }) => id).sort());
      once(messages.map(({ id }) => id));
    });

    it("is one session for each connection, in logs_player and fact_session", async () => {
      const messages = await stored("logs_player");
      const ended = messages.filter(({ value }) => value.kind === "disconnected").map(({ value }) => value);
      const begun = messages.filter(({ value }) => value.kind === "connected");
      assert.deepEqual(ended.map(({ player, room, reason }) => line(player, room, reason)).sort(), sessionLines());
      assert.deepEqual(begun.map(({ id }) => id).sort(), ended.map(({ connection }) => connection).sort());
      const rows = await rowsOf("SELECT * FROM dw.fact_session");
      assert.deepEqual(rows.map(({ player, room, reason }) => line(player, room, reason)).sort(), sessionLines());
      for (const { connection, connected_at, disconnected_at, match_id, platform, room, round_trip_ms } of rows) {
        const value = ended.find((one) => one.connection === connection)!;
        assert.deepEqual([connected_at.getTime(), disconnected_at.getTime()], [value.connectedAt, value.at]);
        assert.deepEqual([platform, match_id], ["other", room === "match" ? script.match!.id : null]);
        assert.equal(round_trip_ms === null ? undefined : Number(round_trip_ms), value.roundTripMs);
      }
    });

    it("is one rating for each player of the match, in logs_rating, fact_rating and rating_history", async () => {
      const { id: matchId, players } = script.match!;
      const messages = await stored("logs_rating");
      const told = ({ player, mode, before, after, algorithm }: any, of: string) =>
        line(player, mode, before, after, algorithm, of);
      const lines = messages.map(({ value }) => told(value, value.matchId)).sort();
      assert.deepEqual(messages.map(({ value }) => value.player).sort(), players.toSorted());
      const answer = await fetch(`${program!.url}/api/v1/matches/${matchId}`);
      const { participants } = (await answer.json()) as { participants: Record<string, any>[] };
      for (const { value } of messages) {
        assert.deepEqual([value.matchId, value.before], [matchId, 1500]);
        const { ratingChange } = participants.find(({ playerId }) => playerId === value.player)!;
        assert.equal(value.after - value.before, ratingChange);
      }
      for (const table of ["fact_rating", "rating_history"]) {
        const rows = await rowsOf(`SELECT * FROM dw.${table}`);
        assert.deepEqual(rows.map((row) => told(row, row.match_id)).sort(), lines);
      }
      once(messages.map(({ id }) => id));
    });

    it("is one act of an operator for each, in logs_admin and fact_admin", async () => {
      const told = ({ act, player }: any) => line(act, player);
      assert.deepEqual(
        (await stored("logs_admin")).map(({ value }) => told(value)),
        script.acts,
      );
      assert.deepEqual((await rowsOf("SELECT * FROM dw.fact_admin")).map(told), script.acts);
    });

    it("is counted once by the views", async () => {
      const kinds = [...script.events, ...script.acts].map((event) => event.split(" ")[0]);
      kinds.push(...script.sessions.flatMap(() => ["connected", "disconnected"]));
      const expected = new Map<string, number>();
      for (const kind of kinds) expected.set(kind, (expected.get(kind) ?? 0) + 1);
      const actions = await rowsOf("SELECT kind, sum(actions)::int AS actions FROM dw.player_actions GROUP BY kind");
      const sorted = (map: Iterable<[string, number]>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(actions.map(({ kind, actions: count }) => [kind, count])), sorted(expected));
      const players = new Set(script.sessions.map(({ player }) => player)).size;
      const [day] = await rowsOf("SELECT sum(new_players)::int AS new FROM dw.daily_active_players");
      assert.equal(day.new, players);
      const [month] = await rowsOf("SELECT max(players)::int AS players FROM dw.monthly_active_players");
      assert.equal(month.players, players);
      const [cohorts] = await rowsOf("SELECT sum(players)::int AS players FROM dw.retention");
      assert.equal(cohorts.players, players);
      const [length] = await rowsOf(
        "SELECT sum(sessions)::int AS sessions, sum(connections)::int AS connections FROM dw.session_length",
      );
      assert.deepEqual(length, { sessions: players, connections: script.sessions.length });
    });

    it("contains no name, address, e-mail, user agent or network address", async () => {
      const messages = [...(await stored("logs_player")), ...(await stored("logs_rating"))];
      const text = JSON.stringify(messages);
      for (const forbidden of [...script.texts, "@", "127.0.0.1", "::1", "Mozilla", "node-fetch"])
        assert.ok(!text.includes(forbidden), forbidden);
      const deleted = messages.filter(({ value }) => value.kind === "deleted");
      for (const { value } of deleted) assert.deepEqual(Object.keys(value).sort(), ["at", "kind", "player", "v"]);
    });
  });
}

describeScript("what players do, with the embedded defaults", async () => ({ env: ENV }));

describe("with services", () => {
  const services = useServices("kafka", "postgres", "redis", "s3");
  const urls: string[] = [];
  after(async () => {
    for (const url of urls) await services().dropDatabase(url);
  });
  describeScript("what players do, with Kafka, PostgreSQL, Redis and S3", async () => {
    urls.push(await services().createDatabase(), await services().createDatabase());
    const [DATABASE_URL, WAREHOUSE_URL] = urls;
    const env = {
      ...{ ...ENV, ...services().admin, DATABASE_URL, WAREHOUSE_URL },
      ...{ NAMESPACE: `${uniqueNamespace()}-`, KAFKA_PARTITIONS: "2" },
    };
    return { env: { ...env, ...(await leastPrivileges(env)) } };
  });
});
