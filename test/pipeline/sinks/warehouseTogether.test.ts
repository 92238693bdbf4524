/** Batches of several partitions that the warehouse sink stores in one transaction. */
import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { type BatchHandler, PartitionLost } from "../../../src/pipeline/log/EventLog.ts";
import { runnerOver } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed, type Partition } from "./Feed.ts";
import { NOON_MS, personMessage, playMatch, randomFrom, tickMessage, uuidV7 } from "./matches.ts";
import { feedOf } from "./warehouseFeed.ts";
import { MemoryRejects, readContents, warehouse } from "./warehouseUnderTest.ts";

/** What a sink does with its database. */
interface Use {
  transactions: number;
  statements: number;
  readonly errors: { readonly code?: string }[];
}

/** A database that notes how it is used. */
function watched(sql: Sql): { sql: Sql; use: Use } {
  const use: Use = { transactions: 0, statements: 0, errors: [] };
  const transaction: Sql["transaction"] = async (work, options) => {
    use.transactions++;
    const counted: typeof work = (tx) =>
      work(
        runnerOver((statement) => {
          use.statements++;
          return tx.orm.run(statement);
        }),
      );
    return sql.transaction(counted, options).catch((error) => {
      use.errors.push(error);
      throw error;
    });
  };
  return { sql: Object.assign(Object.create(sql) as Sql, { orm: sql.orm, transaction }), use };
}

/** A message for which an index of the database has no room. */
function unstorable() {
  const random = randomFrom(1);
  const player = Array.from({ length: 9000 }, () => String.fromCharCode(33 + Math.floor(random() * 90))).join("");
  const joined = { kind: "joined", player, seat: 0, team: 0, role: 0, bot: false };
  const match = { matchId: uuidV7(NOON_MS, 77), mode: "duel", topic: "logs_match", tick: 0, at: NOON_MS };
  return tickMessage({ ...match, events: [joined] });
}

/** Matches over four partitions, and connections of the same players. */
function manyPartitions(): Feed {
  const feed = new Feed();
  for (let number = 0; number < 8; number++)
    for (const one of playMatch({ number, mode: "ffa" })) feed.add(number % 4, tickMessage(one));
  for (let number = 0; number < 40; number++) {
    const connection = uuidV7(NOON_MS + number, number);
    const fields = { kind: "connected", connection, room: "queue", roomId: "r", platform: "web-desktop" };
    feed.add(
      number % 4,
      personMessage("logs_player", uuidV7(NOON_MS + number, 500 + number), fields, `p${number % 7}`),
    );
  }
  return feed;
}

const assign = (handler: BatchHandler, feed: Feed, partitions: readonly Partition[]) =>
  Promise.all(partitions.map(({ topic, partition }) => handler.onAssigned(topic, partition, feed.topicId)));

for (const [name, start] of sqlServers) {
  describe(`the warehouse sink on ${name}, batches of several partitions`, function () {
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

    const storedOffsets = async () => {
      const { rows } = await sql.query<{ of: string; next: bigint | null }>(
        "SELECT topic || ' ' || partition AS of, next_offset AS next FROM dw.sink_offsets",
      );
      return new Map(rows.map(({ of, next }) => [of, next]));
    };
    const endsOf = (partitions: readonly Partition[]) =>
      new Map(partitions.map((one) => [`${one.topic} ${one.partition}`, BigInt(one.messages.length)]));

    it("stores those that are ready together in one transaction, with one insertion for each table", async () => {
      const feed = manyPartitions();
      await feed.deliverAll(warehouse(sql));
      const expected = await readContents(sql);
      await server.wipe();
      const { sql: noting, use } = watched(sql);
      const handler = warehouse(noting);
      await assign(handler, feed, feed.partitions);
      const halves = feed.partitions.map((one) => Math.floor(one.messages.length / 2));
      // The first ones create the days, too.
      await Promise.all(feed.partitions.map((one, at) => handler.apply(feed.batch(one, 0, halves[at]))));
      Object.assign(use, { transactions: 0, statements: 0 });
      await Promise.all(
        feed.partitions.map((one, at) => handler.apply(feed.batch(one, halves[at], one.messages.length))),
      );
      assert.ok(feed.partitions.length > 20);
      // Two for the offsets, and moves, attacks, heals, deaths, players, sessions, matches, participations and seen players.
      assert.deepEqual([use.transactions, use.statements], [1, 11]);
      assert.deepEqual(await readContents(sql), expected);
      assert.deepEqual(await storedOffsets(), endsOf(feed.partitions));
    });

    it("stores the others if one partition was taken by another consumer, and nothing of that one", async () => {
      const feed = manyPartitions();
      const taken = feed.partition("logs_attack", 1);
      const handler = warehouse(sql);
      await assign(handler, feed, feed.partitions);
      const thief = warehouse(sql);
      await assign(thief, feed, [taken]);
      await thief.apply(feed.batch(taken, 0, 2));
      const outcomes = await Promise.allSettled(
        feed.partitions.map((one) => handler.apply(feed.batch(one, 0, one.messages.length))),
      );
      for (const [at, outcome] of outcomes.entries()) {
        if (feed.partitions[at] === taken)
          assert.ok(outcome.status === "rejected" && outcome.reason instanceof PartitionLost);
        else assert.equal(outcome.status, "fulfilled");
      }
      assert.deepEqual(await storedOffsets(), endsOf(feed.partitions).set("logs_attack 1", 2n));
      await thief.apply(feed.batch(taken, 2, taken.messages.length));
      const contents = await readContents(sql);
      await server.wipe();
      await feed.deliverAll(warehouse(sql));
      assert.deepEqual(await readContents(sql), contents);
    });

    it("stores the others if one batch has a message that the database refuses, and rejects only that message", async () => {
      const feed = manyPartitions();
      await feed.deliverAll(warehouse(sql));
      const expected = await readContents(sql);
      await server.wipe();
      const bad = feed.partition("logs_match", 2);
      feed.add(2, unstorable());
      const rejects = new MemoryRejects();
      const handler = warehouse(sql, { rejects });
      await assign(handler, feed, feed.partitions);
      await Promise.all(feed.partitions.map((one) => handler.apply(feed.batch(one, 0, one.messages.length))));
      const offset = BigInt(bad.messages.length - 1);
      assert.deepEqual(
        rejects.all.map(({ reason, message }) => [reason, message.topic, message.partition, message.offset]),
        [["refused", "logs_match", 2, offset]],
      );
      assert.deepEqual(await readContents(sql), expected);
      assert.deepEqual(await storedOffsets(), endsOf(feed.partitions));
    });

    it("drops a batch that has not begun when its partition is given up", async () => {
      const feed = manyPartitions();
      const [first, second, third] = feed.partitions;
      const handler = warehouse(sql);
      await assign(handler, feed, [first, second, third]);
      const running = handler.apply(feed.batch(first, 0, first.messages.length));
      // The transaction of the first one has begun.
      for (let turns = 0; turns < 3; turns++) await turn();
      const waiting = [second, third].map((one) => handler.apply(feed.batch(one, 0, one.messages.length)));
      await Promise.resolve();
      handler.onRevoking?.(first.topic, first.partition);
      handler.onRevoking?.(second.topic, second.partition);
      await assert.rejects(waiting[0], PartitionLost);
      await Promise.all([running, waiting[1]]);
      const expected = endsOf([first, third]);
      assert.deepEqual(await storedOffsets(), new Map([...expected, [`${second.topic} ${second.partition}`, null]]));
    });

    it("has the same tables with two consumers that take partitions from each other, and never a deadlock", async () => {
      await feedOf().deliverAll(warehouse(sql));
      const expected = await readContents(sql);
      const others = server.open();
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (seed) => {
          await server.wipe();
          const random = randomFrom(seed);
          const feed = feedOf();
          const uses = [sql, others].map(watched);
          const consumers = uses.map((one) => warehouse(one.sql));
          const deliver = async (handler: BatchHandler, one: Partition): Promise<void> => {
            for (let isDone = false; !isDone; ) {
              isDone = await feed
                .deliver(handler, one, () => Math.floor(random() * 60))
                .then(
                  () => true,
                  (error) => {
                    assert.ok(error instanceof PartitionLost, String(error));
                    return false;
                  },
                );
            }
          };
          const shuffled = feed.partitions.toSorted(() => random() - 0.5);
          await Promise.all(consumers.flatMap((handler) => shuffled.map((one) => deliver(handler, one))));
          assert.deepEqual(await readContents(sql), expected);
          assert.deepEqual(await storedOffsets(), endsOf(feed.partitions));
          for (const { use } of uses) assert.deepEqual(use.errors, []);
        }),
        { numRuns: 4 },
      );
      await others.close();
    });
  });
}
