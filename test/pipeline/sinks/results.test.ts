import assert from "node:assert/strict";
import fc from "fast-check";
import { arena } from "../../../src/arena/game.ts";
import { type BatchHandler, PartitionLost, Unrecoverable } from "../../../src/pipeline/log/Log.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import type { EndedMatch, MatchResults } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { type ResultsOptions, resultsSink } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { type MatchMessage, NOON_MS, playMatch, randomFrom, tickMessage, uuidV7 } from "./matches.ts";
import { Crash, crashingAt, MemoryRejects, wipe } from "./warehouseUnderTest.ts";

const played = [
  playMatch({ number: 1, mode: "duel" }),
  playMatch({ number: 2, mode: "ffa" }),
  playMatch({ number: 3, mode: "duel", reason: "aborted" }),
  // Aborted before it started.
  playMatch({ number: 4, mode: "duel", reason: "aborted" }).filter(({ events }) => events[0].kind !== "started"),
]
  .flat()
  .filter(({ topic }) => topic === "logs_match");

function feedOf(told: readonly MatchMessage[] = played): Feed {
  const feed = new Feed();
  for (const one of told) feed.add(Number.parseInt(one.matchId.slice(-1), 16) % 2, tickMessage(one));
  return feed;
}

/** A store which counts: had a match been handed on twice, its row would say 2. */
const counting: MatchResults = {
  async apply(tx, match) {
    await tx.query(
      `INSERT INTO handed AS h VALUES ($1, 1, $2) ON CONFLICT (match_id) DO UPDATE SET times = h.times + 1`,
      [match.matchId, JSON.stringify(match)],
    );
    const { game, matchId, mode, endedAt } = match;
    return { game, matchId, mode, endedAt, ratings: [] };
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
    this.timeout(60_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start();
      sql = server.open();
      await sql.query("CREATE TABLE handed (match_id text PRIMARY KEY, times integer, match jsonb)");
    });
    beforeEach(async () => {
      await wipe(sql, "results");
      await sql.query("TRUNCATE handed");
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const handed = async () =>
      (await sql.query<{ times: number; match: EndedMatch }>("SELECT times, match FROM handed ORDER BY match_id")).rows;
    const eachOnce = async () => {
      const rows = await handed();
      assert.deepEqual(
        rows.map(({ match }) => match.matchId),
        [1, 2, 3, 4].map((number) => uuidV7(NOON_MS, number)),
      );
      assert.deepEqual(
        rows.map(({ times }) => times),
        [1, 1, 1, 1],
      );
    };

    it("hands on each ended match once, aborted ones too, with what created and started said", async () => {
      await feedOf().deliverAll(results(sql), () => 1);
      await eachOnce();
      const [duel, , , neverStarted] = (await handed()).map(({ match }) => match);
      assert.equal(duel.mode, "duel");
      assert.equal(duel.createdAt, NOON_MS);
      assert.equal(duel.endedAt, NOON_MS + 45 * 50);
      assert.equal(duel.created.region, "eu");
      assert.deepEqual(
        duel.started?.roster.map(({ rating }) => rating),
        [1200, 1200],
      );
      assert.equal(duel.ended.standings.length, 2);
      assert.equal(neverStarted.started, null);
      assert.equal(neverStarted.ended.reason, "aborted");
    });

    it("hands on nothing of a match that has not ended", async () => {
      await feedOf(played.filter(({ events }) => events[0].kind !== "ended")).deliverAll(results(sql));
      assert.deepEqual(await handed(), []);
    });

    it("hands on nothing twice when everything is replayed from offset 0", async () => {
      const feed = feedOf();
      await feed.deliverAll(results(sql));
      await sql.query("UPDATE results.sink_offsets SET next_offset = NULL");
      await feed.deliverAll(results(sql), () => 2);
      await eachOnce();
    });

    it("hands on each once for any repetition and cut", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(fc.nat(played.length - 1), { maxLength: 20 }),
          async (seed, repeated) => {
            await wipe(sql, "results");
            await sql.query("TRUNCATE handed");
            const random = randomFrom(seed);
            const feed = feedOf([...played, ...repeated.map((at) => played[at])]);
            await feed.deliverAll(results(sql), () => Math.floor(random() * 5));
            await eachOnce();
          },
        ),
        { numRuns: 15 },
      );
    });

    it("hands on each once after a crash between any two statements", async () => {
      const feed = feedOf();
      let crashes = 0;
      for (let at = 1, done = false; !done; at++) {
        // A batch takes about ten steps; a new handler each time, as a new process would have.
        const delivered = feed.deliverAll(results(crashingAt(sql, at % 17 === 0 ? 60 : at % 17)), () => 3);
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
      await eachOnce();
    });

    it("tells of each match once it is committed, and of none that was not", async () => {
      const told: string[] = [];
      const seen: Promise<EndedMatch[]>[] = [];
      const tell: ResultsOptions["onCommitted"] = (changed) => {
        told.push(...changed.map(({ matchId }) => matchId));
        seen.push(handed().then((rows) => rows.map(({ match }) => match)));
      };
      const failing: MatchResults = {
        apply: async (tx, match) => counting.apply(tx, match).then(() => Promise.reject(new Error("no"))),
      };
      await assert.rejects(feedOf().deliverAll(results(sql, failing, new MemoryRejects(), tell)), /no/);
      assert.deepEqual(told, []);
      await feedOf().deliverAll(results(sql, counting, new MemoryRejects(), tell), () => 3);
      assert.deepEqual(
        told.toSorted(),
        (await handed()).map(({ match }) => match.matchId),
      );
      const first = (await seen[0]).map(({ matchId }) => matchId);
      assert.ok(first.includes(told[0]));
    });

    it("leaves nothing of a batch whose results could not be stored", async () => {
      const failing: MatchResults = {
        async apply(tx, match) {
          await counting.apply(tx, match);
          throw new Error("no");
        },
      };
      const feed = feedOf();
      await assert.rejects(feed.deliverAll(results(sql, failing)), /no/);
      assert.deepEqual(await handed(), []);
      await feed.deliverAll(results(sql));
      await eachOnce();
    });

    it("fences the older of two consumers of a partition", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_match", 0);
      const [older, newer] = [results(sql), results(sql)];
      for (const handler of [older, newer]) await handler.assigned(one.topic, one.partition, feed.topicId);
      await newer.apply(feed.batch(one, 0, one.messages.length));
      const before = await handed();
      await assert.rejects(older.apply(feed.batch(one, 0, 2)), PartitionLost);
      assert.deepEqual(await handed(), before);
    });

    it("stops where the topic was deleted and made anew", async () => {
      await feedOf().deliverAll(results(sql));
      await assert.rejects(results(sql).assigned("logs_match", 0, "topic-2"), Unrecoverable);
    });

    it("rejects what it cannot understand, and a match without a beginning, and goes on", async () => {
      const feed = new Feed();
      const [withoutBeginning, ...rest] = [
        played.filter(({ matchId }) => matchId === uuidV7(NOON_MS, 1)).at(-1)!,
        ...played,
      ];
      feed.add(0, { topic: "logs_match", key: null, headers: {}, value: "{" });
      feed.add(0, tickMessage({ ...withoutBeginning, matchId: uuidV7(NOON_MS, 99) }));
      for (const told of rest) feed.add(0, tickMessage(told));
      const rejects = new MemoryRejects();
      await feed.deliverAll(results(sql, counting, rejects));
      assert.deepEqual(
        rejects.all.map(({ reason, message }) => [reason, message.offset]),
        [
          ["not-json", 0n],
          ["refused", 1n],
        ],
      );
      await eachOnce();
    });
  });
}
