import assert from "node:assert/strict";
import fc from "fast-check";
import { PartitionLost, Unrecoverable } from "../../../src/pipeline/log/EventLog.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { type MatchMessage, NOON_MS, randomFrom, tickMessage, uuidV7 } from "./matches.ts";
import { feedOf, partitionOf, plans, played, queued } from "./warehouseFeed.ts";
import { crashingAt, isCrash, MOVE_TICKS, readContents, warehouse } from "./warehouseUnderTest.ts";

const storedMoves = (messages: readonly MatchMessage[]) =>
  messages.filter((one) => one.topic !== "logs_move" || one.tick % MOVE_TICKS === 0);
const countOf = (topic: string, messages = storedMoves(played)) =>
  messages.filter((one) => one.topic === topic).flatMap(({ events }) => events).length;

for (const [name, start] of sqlServers) {
  describe(`the warehouse sink on ${name}`, function () {
    this.timeout(240_000);
    let server: SqlServer;
    let sql: Sql;
    let expected: Record<string, unknown[]>;
    before(async () => {
      server = await start("warehouse");
      sql = server.open();
      await feedOf().deliverAll(warehouse(sql));
      expected = await readContents(sql);
    });
    beforeEach(() => server.wipe());
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const assertExpected = async () => assert.deepEqual(await readContents(sql), expected);

    it("stores every event exactly once under its identity, and moves of every twentieth tick", () => {
      for (const topic of ["logs_move", "logs_attack", "logs_heal", "logs_death"]) {
        const rows = expected[`fact_${topic.slice(5)}`] as { match_id: string; tick: number; idx: number }[];
        assert.equal(rows.length, countOf(topic), topic);
        assert.equal(new Set(rows.map(({ match_id, tick, idx }) => `${match_id} ${tick} ${idx}`)).size, rows.length);
      }
      assert.equal(expected.fact_queue.length, queued.length);
      assert.equal(expected.dim_match.length, plans.length);
    });

    it("stores the fields of an event unchanged, under their snake-case names", () => {
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

    it("merges a match from its events, and stores no names of players", () => {
      const rows = expected.dim_match as Record<string, unknown>[];
      const duel = rows.find(({ match_id }) => match_id === uuidV7(NOON_MS, 1))!;
      assert.equal(duel.mode, "duel");
      assert.equal(duel.rated, true);
      assert.equal(duel.warehouse_move_ticks, MOVE_TICKS);
      assert.equal(duel.reason, "score");
      assert.equal(duel.map, null);
      const other = rows.find(({ match_id }) => match_id === uuidV7(NOON_MS, 2))!;
      assert.deepEqual([other.map, other.reason], ["yard", "captured"]);
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
      await assertExpected();
    });

    it("continues at the offset stored in the warehouse", async () => {
      const feed = feedOf();
      await feed.deliverAll(warehouse(sql));
      const [one] = feed.partitions;
      const stored = await warehouse(sql).onAssigned(one.topic, one.partition, feed.topicId);
      assert.equal(stored, BigInt(one.messages.length));
    });

    it("has the same tables after a crash between any two statements", async () => {
      const feed = feedOf(played.filter(({ matchId }) => matchId !== uuidV7(NOON_MS, 2)));
      await feed.deliverAll(warehouse(sql), () => 40);
      const complete = await readContents(sql);
      await server.wipe();
      let crashes = 0;
      for (let at = 1, done = false; !done; at = (at % 23) + 1) {
        // Each attempt has a new handler, as a new process would.
        const delivered = feed.deliverAll(warehouse(crashingAt(sql, at + 4 * crashes)), () => 40);
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
      assert.deepEqual(await readContents(sql), complete);
    });

    it("fences the older of two consumers of a partition, which then writes nothing", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_attack", 1);
      const older = warehouse(sql);
      const newerSql = server.open();
      const newer = warehouse(newerSql);
      await older.onAssigned(one.topic, one.partition, feed.topicId);
      await newer.onAssigned(one.topic, one.partition, feed.topicId);
      await newer.apply(feed.batch(one, 0, 3));
      const before = await readContents(sql);
      await assert.rejects(older.apply(feed.batch(one, 0, 5)), PartitionLost);
      assert.deepEqual(await readContents(sql), before);
      await newer.apply(feed.batch(one, 3, one.messages.length));
      await newerSql.close();
    });

    it("accepts one of two consumers that apply at the same moment", async () => {
      const feed = feedOf();
      const one = feed.partition("logs_match", 0);
      const both = [warehouse(sql), warehouse(sql)];
      for (const handler of both) await handler.onAssigned(one.topic, one.partition, feed.topicId);
      const outcomes = await Promise.allSettled(both.map((handler) => handler.apply(feed.batch(one, 0, 4))));
      assert.deepEqual(outcomes.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    });

    it("stops if a topic was deleted and recreated", async () => {
      await feedOf().deliverAll(warehouse(sql));
      await assert.rejects(warehouse(sql).onAssigned("logs_move", 0, "topic-2"), (error: Error) => {
        assert.ok(error instanceof Unrecoverable);
        assert.match(error.message, /^topic logs_move was deleted and recreated/);
        return true;
      });
    });

    it("has the same tables with any sizes of batches, order of partitions and repeats", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.array(fc.nat(played.length - 1), { maxLength: 60 }),
          async (seed, repeated) => {
            await server.wipe();
            const random = randomFrom(seed);
            const feed = feedOf();
            // Repeats by the relay have new offsets.
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
            await assertExpected();
          },
        ),
        { numRuns: 12 },
      );
    });
  });
}
