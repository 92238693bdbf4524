import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../../src/arena/game.ts";
import { type BatchHandler, PartitionLost, Unrecoverable } from "../../../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import type { EndedMatch, MatchResults } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { type ResultsOptions, resultsSink } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { type MatchMessage, NOON_MS, playMatch, randomFrom, tickMessage, uuidV7 } from "./matches.ts";
import { crashingAt, isCrash, MemoryRejects } from "./warehouseUnderTest.ts";

const played = [
  playMatch({ number: 1, mode: "duel" }),
  playMatch({ number: 2, mode: "ffa", map: "yard", reason: "captured" }),
  playMatch({ number: 3, mode: "duel", reason: "aborted" }),
  // Aborted before it started.
  playMatch({ number: 4, mode: "duel", reason: "aborted" }).filter(({ events }) => events[0].kind !== "started"),
]
  .flat()
  .filter(({ topic }) => topic === "logs_match");

function feedOf(messages: readonly MatchMessage[] = played): Feed {
  const feed = new Feed();
  for (const one of messages) feed.add(Number.parseInt(one.matchId.slice(-1), 16) % 2, tickMessage(one));
  return feed;
}

/** A store that counts how often each match was passed on (`times`). */
const counting: MatchResults = {
  lock: async () => {},
  async apply(tx, matches) {
    for (const match of matches)
      await tx.query(
        `INSERT INTO handed AS h VALUES ($1, 1, $2) ON CONFLICT (match_id) DO UPDATE SET times = h.times + 1`,
        [match.matchId, JSON.stringify(match)],
      );
    return matches.map(({ game, matchId, mode, endedAt }) => {
      return { game, matchId, mode, endedAt, algorithm: "elo", ratings: [] };
    });
  },
};

function results(
  sql: Sql,
  store = counting,
  rejects = new MemoryRejects(),
  onCommitted: ResultsOptions["onCommitted"] = () => {},
): BatchHandler {
  const catalogue = new EventCatalogue([arena]);
  return resultsSink({ sql, catalogue, rejects, results: store, onCommitted, warn: () => {} }).handler;
}

for (const [name, start] of sqlServers) {
  describe(`the results sink on ${name}`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("operational");
      sql = server.open();
      await server.asAdmin("CREATE TABLE handed (match_id text PRIMARY KEY, times integer, match jsonb)");
    });
    beforeEach(async () => {
      await server.wipe();
      await server.asAdmin("TRUNCATE handed");
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const readPassedOn = async () =>
      (await sql.query<{ times: number; match: EndedMatch }>("SELECT times, match FROM handed ORDER BY match_id")).rows;
    const assertEachOnce = async () => {
      const rows = await readPassedOn();
      assert.deepEqual(
        rows.map(({ match }) => match.matchId),
        [1, 2, 3, 4].map((number) => uuidV7(NOON_MS, number)),
      );
      assert.deepEqual(
        rows.map(({ times }) => times),
        [1, 1, 1, 1],
      );
    };

    it("passes on each ended match exactly once, including aborted matches, with its created and started events", async () => {
      await feedOf().deliverAll(results(sql), () => 1);
      await assertEachOnce();
      const [duel, captured, , neverStarted] = (await readPassedOn()).map(({ match }) => match);
      assert.equal(duel.mode, "duel");
      assert.equal(duel.createdAt, NOON_MS);
      assert.equal(duel.endedAt, NOON_MS + 45 * 50);
      assert.equal(duel.created.region, "eu");
      assert.deepEqual(
        duel.started?.roster.map(({ rating }) => rating),
        [1200, 1200],
      );
      assert.equal(duel.ended.standings.length, 2);
      assert.deepEqual([captured.created.map, captured.ended.reason], ["yard", "captured"]);
      assert.equal(neverStarted.started, null);
      assert.equal(neverStarted.ended.reason, "aborted");
    });

    it("does not pass on a match that has not ended", async () => {
      await feedOf(played.filter(({ events }) => events[0].kind !== "ended")).deliverAll(results(sql));
      assert.deepEqual(await readPassedOn(), []);
    });

    it("passes on nothing again when everything is replayed from offset 0", async () => {
      const feed = feedOf();
      await feed.deliverAll(results(sql));
      await sql.query("UPDATE results.sink_offsets SET next_offset = NULL");
      await feed.deliverAll(results(sql), () => 2);
      await assertEachOnce();
    });

    it("passes on each match exactly once with any repeats and any sizes of batches", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(fc.nat(played.length - 1), { maxLength: 20 }),
          async (seed, repeated) => {
            await server.wipe();
            await server.asAdmin("TRUNCATE handed");
            const random = randomFrom(seed);
            const feed = feedOf([...played, ...repeated.map((at) => played[at])]);
            await feed.deliverAll(results(sql), () => Math.floor(random() * 5));
            await assertEachOnce();
          },
        ),
        { numRuns: 15 },
      );
    });

    it("passes on each match exactly once after a crash between any two statements", async () => {
      const feed = feedOf();
      let crashes = 0;
      for (let at = 1, done = false; !done; at++) {
        // A batch takes about ten statements. Each attempt has a new handler, as a new process would.
        const delivered = feed.deliverAll(results(crashingAt(sql, at % 17 === 0 ? 60 : at % 17)), () => 3);
        done = await delivered.then(
          () => true,
          (error) => {
            if (!isCrash(error)) throw error;
            crashes++;
            return false;
          },
        );
      }
      assert.ok(crashes > 5);
      await assertEachOnce();
    });

    it("calls onCommitted for each match after its commit, and for no other", async () => {
      const reported: string[] = [];
      const readAtCommit: Promise<EndedMatch[]>[] = [];
      const onCommitted: ResultsOptions["onCommitted"] = (changed) => {
        reported.push(...changed.map(({ matchId }) => matchId));
        readAtCommit.push(readPassedOn().then((rows) => rows.map(({ match }) => match)));
      };
      const failing: MatchResults = {
        ...counting,
        apply: async (tx, all) => counting.apply(tx, all).then(() => Promise.reject(new Error("no"))),
      };
      await assert.rejects(feedOf().deliverAll(results(sql, failing, new MemoryRejects(), onCommitted)), /no/);
      assert.deepEqual(reported, []);
      await feedOf().deliverAll(results(sql, counting, new MemoryRejects(), onCommitted), () => 3);
      assert.deepEqual(
        reported.toSorted(),
        (await readPassedOn()).map(({ match }) => match.matchId),
      );
      const first = (await readAtCommit[0]).map(({ matchId }) => matchId);
      assert.ok(first.includes(reported[0]));
    });

    it("stores nothing of a match whose results could not be stored", async () => {
      const failing: MatchResults = {
        ...counting,
        async apply(tx, all) {
          await counting.apply(tx, all);
          throw new Error("no");
        },
      };
      const feed = feedOf();
      await assert.rejects(feed.deliverAll(results(sql, failing)), /no/);
      assert.deepEqual(await readPassedOn(), []);
      await feed.deliverAll(results(sql));
      await assertEachOnce();
    });

    it("fences the older of two consumers of a partition", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_match", 0);
      const [older, newer] = [results(sql), results(sql)];
      for (const handler of [older, newer]) await handler.onAssigned(one.topic, one.partition, feed.topicId);
      await newer.apply(feed.batch(one, 0, one.messages.length));
      const before = await readPassedOn();
      await assert.rejects(older.apply(feed.batch(one, 0, 2)), PartitionLost);
      assert.deepEqual(await readPassedOn(), before);
    });

    it("stops if the topic was deleted and recreated", async () => {
      await feedOf().deliverAll(results(sql));
      await assert.rejects(results(sql).onAssigned("logs_match", 0, "topic-2"), Unrecoverable);
    });

    it("rejects a message that it cannot decode and a match without `created`, and continues", async () => {
      const feed = new Feed();
      const [withoutBeginning, ...rest] = [
        played.filter(({ matchId }) => matchId === uuidV7(NOON_MS, 1)).at(-1)!,
        ...played,
      ];
      feed.add(0, { topic: "logs_match", key: null, headers: {}, value: "{" });
      feed.add(0, tickMessage({ ...withoutBeginning, matchId: uuidV7(NOON_MS, 99) }));
      for (const message of rest) feed.add(0, tickMessage(message));
      const rejects = new MemoryRejects();
      await feed.deliverAll(results(sql, counting, rejects));
      assert.deepEqual(
        rejects.all.map(({ reason, message }) => [reason, message.offset]),
        [
          ["not-json", 0n],
          ["refused", 1n],
        ],
      );
      await assertEachOnce();
    });

    it("keeps `started` of a match whose `created` was rejected, and passes the match on once both are sent again", async () => {
      const [created, started, ended] = playMatch({ number: 1, mode: "duel" })
        .filter(({ topic }) => topic === "logs_match")
        .map((message) => tickMessage(message));
      const feed = new Feed();
      const rejects = new MemoryRejects();
      feed.add(0, { ...created, value: "{" });
      for (const message of [started, ended]) feed.add(0, message);
      await feed.deliverAll(results(sql, counting, rejects), () => 2);
      assert.deepEqual(
        rejects.all.map(({ reason }) => reason),
        ["not-json", "refused"],
      );
      assert.deepEqual(await readPassedOn(), []);
      for (const message of [created, ended]) feed.add(0, message);
      await feed.deliverAll(results(sql, counting, rejects));
      const [{ match, times }] = await readPassedOn();
      assert.deepEqual([match.created.kind, match.started?.kind, times], ["created", "started", 1]);
    });

    it("rejects the end of a match that a newer build has begun, and passes the match on after the next upgrade", async () => {
      const [created, ...rest] = playMatch({ number: 1, mode: "duel" }).filter(({ topic }) => topic === "logs_match");
      const feed = new Feed();
      const rejects = new MemoryRejects();
      feed.add(0, tickMessage(created));
      await feed.deliverAll(results(sql, counting, rejects));
      // As the newer build would have stored it.
      const setVersion = (v: string) => sql.query(`UPDATE results.match SET created = created || '{"v": ${v}}'`);
      await setVersion("2");
      for (const message of rest) feed.add(0, tickMessage(message));
      await feed.deliverAll(results(sql, counting, rejects));
      const [{ reason, detail }, ...others] = rejects.all;
      assert.deepEqual([reason, others], ["refused", []]);
      assert.match(detail, /^the match was begun by another build: logs_match: version 2 is newer than this build/);
      await setVersion("1");
      feed.add(0, { ...tickMessage(rest.at(-1)!), headers: { ...tickMessage(rest.at(-1)!).headers, seq: "again:1" } });
      await feed.deliverAll(results(sql, counting, rejects));
      const [{ match, times }] = await readPassedOn();
      assert.deepEqual([match.created.kind, match.started!.kind, times], ["created", "started", 1]);
    });
  });
}
