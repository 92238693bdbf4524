/**
 * Everything that players do outside matches within an hour, their ratings and the acts of operators are once in their topic, once in
 * their table of the warehouse and once in their view, compared with what the script of the players says: with the embedded defaults, and
 * with real services.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { audit } from "../../src/pipeline/audit/audit.ts";
import { type KafkaConfig, kafkaConfig } from "../../src/pipeline/kafka/config.ts";
import { KafkaLog } from "../../src/pipeline/kafka/KafkaLog.ts";
import type { BatchHandler, LogMessage } from "../../src/pipeline/log/EventLog.ts";
import { readToEnd } from "../../src/pipeline/log/readToEnd.ts";
import { EventCatalogue } from "../../src/pipeline/sinks/eventCatalogue.ts";
import { lakeTopics } from "../../src/pipeline/sinks/lake/LakeSink.ts";
import { silent } from "../../src/platform/logging/Logger.ts";
import type { ObjectStore } from "../../src/platform/objectStore/ObjectStore.ts";
import { openObjectStore } from "../../src/platform/objectStore/openObjectStore.ts";
import { connectEmbedded, openSql } from "../../src/platform/sql/openSql.ts";
import type { Sql } from "../../src/platform/sql/Sql.ts";
import { readCommittedEvents } from "../../src/players/database/committedEvents.ts";
import { uniqueNamespace } from "../../tools/services/startServices.ts";
import { games } from "../chaos/games.ts";
import { OPERATOR, Program } from "../chaos/Program.ts";
import { filesIn } from "../pipeline/sinks/lakeUnderTest.ts";
import { leastPrivileges } from "../tools/services/leastPrivileges.ts";
import { useServices } from "../tools/services/useServices.ts";
import { PlayerScript } from "./PlayerScript.ts";
import { actsOfAnHour, playHour } from "./playHour.ts";

const WITHIN_MS = 240_000;
const SEED = 15;
const HOUR_MS = 3_600_000;
const catalogue = new EventCatalogue(games);
const GAMES = path.join(import.meta.dirname, "../chaos/games.ts");
const ENV = {
  ...{ ...OPERATOR, GAMES, TEST_MATCH_MS: "600000", LOG_LEVEL: "warn" },
  ...{ LAKE_FLUSH_SECONDS: "1", RANK_ANONYMOUS: "1" },
};

interface Participant {
  readonly playerId: string;
  readonly ratingChange: number | null;
}

interface Message {
  readonly id: string;
  readonly value: Readonly<Record<string, any>>;
}

const ratedIn = (participants: readonly Participant[]) =>
  participants.filter(({ ratingChange }) => ratingChange !== null);

/** All bytes of the messages as text in lower case. */
const textOf = (messages: readonly LogMessage[]) =>
  messages.map(({ key, headers, value }) => `${key} ${JSON.stringify(headers)} ${value}`.toLowerCase()).join("\n");

/** Tests that play the script once and then compare what is stored. */
function describeScript(title: string, start: (dataDir: string) => Promise<{ env: Record<string, string> }>) {
  describe(title, function () {
    this.timeout(900_000);
    const dataDir = mkdtempSync(path.join(tmpdir(), "hypogeum-players-"));
    let script: PlayerScript;
    let objects: ObjectStore;
    let sql: Sql;
    let operational: Sql;
    let program: Program | null = null;
    let env: Record<string, string>;
    /** The participants of each match. */
    const results = new Map<string, Participant[]>();

    before(async () => {
      ({ env } = await start(dataDir));
      program = await Program.start({ dataDir, env });
      await program.untilHealthy(WITHIN_MS);
      objects = openObjectStore(env, { path: path.join(dataDir, "lake"), variable: "DATA_DIR" });
      script = new PlayerScript(program.url, `${OPERATOR.ADMIN_USER}:${OPERATOR.ADMIN_PASSWORD}`);
      await playHour(script, SEED);
      const open = async (variable: "WAREHOUSE_URL" | "DATABASE_URL") =>
        env[variable] === undefined
          ? connectEmbedded(path.join(dataDir, "sql"), WITHIN_MS)
          : openSql({ variable, url: env[variable] });
      [sql, operational] = [await open("WAREHOUSE_URL"), await open("DATABASE_URL")];
      for (const { id } of script.matches) results.set(id, await resultOf(id));
      const expected = {
        player: script.events.length + 2 * script.sessions.length,
        ...{ rating: [...results.values()].flatMap(ratedIn).length, admin: script.acts.length },
      };
      for (const [name, count] of Object.entries(expected)) {
        while ((await stored(`logs_${name}`)).length < count) await delay(500);
        while ((await rowsOf(`SELECT id FROM dw.fact_${name}`)).length < count) await delay(500);
      }
    });
    after(async () => {
      await sql?.close();
      await operational?.close();
      await program?.kill();
      rmSync(dataDir, { recursive: true, force: true });
    });

    async function resultOf(matchId: string): Promise<Participant[]> {
      for (;;) {
        const answer = await fetch(`${program!.url}/api/v1/matches/${matchId}`);
        if (answer.ok) return ((await answer.json()) as { participants: Participant[] }).participants;
        await delay(200);
      }
    }
    const inLake = async (topic: string) => (await filesIn(objects, topic, catalogue)).flatMap((file) => file.messages);
    async function stored(topic: string): Promise<Message[]> {
      return (await inLake(topic)).map(({ headers, value }) => ({ id: headers.id!, value: JSON.parse(String(value)) }));
    }
    const rowsOf = async (query: string) => (await sql.query<Record<string, any>>(query)).rows;
    const isConnection = ({ kind }: { readonly kind: string }) => kind === "connected" || kind === "disconnected";
    const line = (...parts: unknown[]) => parts.filter((part) => part !== null && part !== undefined).join(" ");
    const sessionLines = () => script.sessions.map(({ player, room, reason }) => line(player, room, reason)).sort();
    const once = (ids: readonly string[]) => assert.equal(new Set(ids).size, ids.length, "each id occurs once");

    it("is an act a minute, of every kind, several times", () => {
      assert.equal(actsOfAnHour, 60);
      assert.ok(script.events.length + script.acts.length + script.sessions.length > 100);
      const told = [
        ...script.events,
        ...script.acts,
        ...script.sessions.map(({ room, reason }) => `${room} ${reason}`),
      ];
      const kinds = [
        ...["signed_in .* anonymous", "signed_in .* token", "signed_in .* email", "registered .* false"],
        ...["registered .* true", "renamed", "deleted", "party_formed", "party_joined", "party_left .* left"],
        ...["party_left .* party_kicked", "ban", "unban", "kick", "match left", "match dropped", "queue left"],
        ...["queue kicked", "party left", "party party_kicked"],
      ];
      for (const kind of kinds)
        assert.ok(told.filter((one) => new RegExp(`^${kind}\\b`).test(one)).length > 1, `${kind} occurs twice`);
    });

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
        assert.equal(platform, "other");
        assert.equal(match_id !== null, room === "match");
        const match = script.matches.find(({ id }) => id === match_id);
        assert.ok(match_id === null || match!.players.includes(value.player));
        assert.equal(round_trip_ms === null ? undefined : Number(round_trip_ms), value.roundTripMs);
      }
    });

    it("is one rating for each player of each match, in logs_rating, fact_rating and rating_history", async () => {
      const messages = await stored("logs_rating");
      const told = ({ player, mode, before, after, algorithm }: any, of: string) =>
        line(player, mode, before, after, algorithm, of);
      const lines = messages.map(({ value }) => told(value, value.matchId)).sort();
      const rated = [...results].flatMap(([id, result]) =>
        ratedIn(result).map(({ playerId, ratingChange }) => line(id, playerId, ratingChange)),
      );
      const changes = messages.map(({ value }) => line(value.matchId, value.player, value.after - value.before));
      assert.deepEqual(changes.sort(), rated.sort());
      // A slow machine may not know the ratings of all players in time.
      assert.ok(rated.length > script.matches.length, "most matches are rated");
      for (const [player, ofPlayer] of Map.groupBy(messages, ({ value }) => String(value.player))) {
        const last = ofPlayer.reduce((rating, { value }) => rating + value.after - value.before, 1500);
        const [befores, afters] = ["before", "after"].map((at) => ofPlayer.map(({ value }) => value[at]));
        assert.deepEqual([...befores, last].sort(), [1500, ...afters].sort(), `ratings of ${player} follow each other`);
      }
      for (const table of ["fact_rating", "rating_history"]) {
        const rows = await rowsOf(`SELECT * FROM dw.${table}`);
        assert.deepEqual(rows.map((row) => told(row, row.match_id)).sort(), lines);
      }
      once(messages.map(({ id }) => id));
    });

    it("is one act of an operator for each, in logs_admin and fact_admin", async () => {
      const told = ({ act, player }: any) => line(act, player);
      const [messages, rows] = [await stored("logs_admin"), await rowsOf("SELECT * FROM dw.fact_admin")];
      assert.deepEqual(messages.map(({ value }) => told(value)).sort(), script.acts.toSorted());
      assert.deepEqual(rows.map(told).sort(), script.acts.toSorted());
      assert.deepEqual(rows.map(({ id }) => id).sort(), messages.map(({ id }) => id).sort());
      once(messages.map(({ id }) => id));
    });

    it("is counted once by the views", async () => {
      const kinds = [...script.events, ...script.acts].map((event) => event.split(" ")[0]);
      kinds.push(...script.sessions.flatMap(() => ["connected", "disconnected"]));
      const expected = [...Map.groupBy(kinds, (kind) => kind)].map(([kind, of]) => line(kind, of.length));
      const actions = await rowsOf("SELECT kind, sum(actions) AS actions FROM dw.player_actions GROUP BY kind");
      assert.deepEqual(actions.map(({ kind, actions: count }) => line(kind, count)).sort(), expected.sort());
      const connected = new Set(script.sessions.map(({ player }) => player));
      const players = connected.size;
      const [day] = await rowsOf("SELECT sum(new_players)::int AS new FROM dw.daily_active_players");
      assert.equal(day.new, players);
      const [month] = await rowsOf("SELECT max(players)::int AS players FROM dw.monthly_active_players");
      assert.equal(month.players, players);
      // Also those who have only signed in.
      const seen = new Set([...script.events.map((event) => event.split(" ")[1]), ...connected]);
      const [cohorts] = await rowsOf("SELECT sum(players)::int AS players FROM dw.retention");
      assert.equal(cohorts.players, seen.size);
      const [length] = await rowsOf(
        "SELECT sum(sessions)::int AS sessions, sum(connections)::int AS connections FROM dw.session_length",
      );
      assert.deepEqual(length, { sessions: players, connections: script.sessions.length });
    });

    it("contains no name, address, e-mail, user agent or network address", async () => {
      const kafka = kafkaConfig(env);
      const published =
        kafka === null ? (await Promise.all(lakeTopics(catalogue).map(inLake))).flat() : await readAll(kafka);
      for (const topic of ["logs_player", "logs_rating", "logs_admin", "logs_queue", "logs_match", "logs_stats"])
        assert.ok(
          published.some((message) => message.topic === topic),
          topic,
        );
      const text = textOf(published);
      assert.ok(script.texts.length > 20 && script.texts.some((name) => name.includes("@")));
      for (const forbidden of [...script.texts, "@", "127.0.0.1", "::1", "mozilla", "node-fetch"])
        assert.ok(!text.includes(forbidden.toLowerCase()), forbidden);
      const deleted = (await stored("logs_player")).filter(({ value }) => value.kind === "deleted");
      for (const { value } of deleted) assert.deepEqual(Object.keys(value).sort(), ["at", "kind", "player", "v"]);
    });

    /** Every message that Kafka has. */
    async function readAll(kafka: KafkaConfig): Promise<LogMessage[]> {
      const log = new KafkaLog(kafka, silent);
      const messages: LogMessage[] = [];
      const handler: BatchHandler = {
        onAssigned: async () => null,
        apply: async (batch) => void messages.push(...batch.messages),
        onSkipped() {},
        async onRevoked() {},
      };
      const topics = [...lakeTopics(catalogue), "logs_rejected"];
      await readToEnd(log, "search", topics, handler).finally(() => log.close());
      return messages;
    }

    it("is what the audit expects, which finds a row that is gone", async () => {
      const kafka = kafkaConfig(env);
      const log = kafka === null ? null : new KafkaLog(kafka, silent);
      const deps = {
        ...{ objects, catalogue, log, warehouse: sql, retentionDays: null },
        committed: (sinceMs: number) => readCommittedEvents(operational, sinceMs),
        // All that has happened counts as settled.
        now: () => Date.now() + HOUR_MS,
      };
      const audited = () => audit(deps, { sinceMs: Date.now() - HOUR_MS });
      let report = await audited();
      // The ends of the last matches may still be on their way.
      while (report.differences.length > 0 || report.unpublished > 0) {
        await delay(500);
        report = await audited();
      }
      assert.deepEqual([report.matches, report.republished], [script.matches.length, 0]);
      for (const table of ["fact_player", "fact_rating", "fact_admin"]) {
        const [{ id }] = await rowsOf(`SELECT id FROM dw.${table} ORDER BY id DESC LIMIT 1`);
        await sql.query(`DELETE FROM dw.${table} WHERE id = $1`, [id]);
        const { differences } = await audited();
        assert.equal(differences.at(-1)!.detail, `${table} has no row for ${id}`);
      }
      await log?.close();
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
