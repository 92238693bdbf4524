/** How the results sink stores a batch: in transactions of limited size, that neither deadlock nor fail as a whole. */
import assert from "node:assert/strict";
import { ratingMessage } from "../../../schema/ratingEvents.ts";
import { arena } from "../../../src/arena/game.ts";
import type { BatchHandler } from "../../../src/pipeline/log/EventLog.ts";
import { EventCatalogue } from "../../../src/pipeline/sinks/eventCatalogue.ts";
import type { MatchResults } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { resultsSink } from "../../../src/pipeline/sinks/results/ResultsSink.ts";
import { UnstorableMessage } from "../../../src/pipeline/sinks/storeInParts.ts";
import { runnerOver } from "../../../src/platform/sql/PgSql.ts";
import type { Sql } from "../../../src/platform/sql/Sql.ts";
import { matchResults } from "../../../src/players/database/matchResults.ts";
import { migrate } from "../../../src/players/database/migrate.ts";
import { deletePlayer } from "../../../src/players/database/players.ts";
import { ratingEventId } from "../../../src/players/database/ratingEvents.ts";
import type { CommittedMessage } from "../../../src/players/database/schema.ts";
import { type SqlServer, sqlServers } from "../../platform/sql/servers.ts";
import { Feed } from "./Feed.ts";
import { NOON_MS, randomFrom, tickMessage, uuidV7 } from "./matches.ts";
import { MemoryRejects } from "./warehouseUnderTest.ts";

type Topic = "created" | "started" | "ended";

/** One message of a rated match, of which the first player is the winner. */
function message(kind: Topic, number: number, players: readonly string[], mode = "ffa") {
  const seats = players.map((player, seat) => ({ seat, player, team: seat, role: 0, bot: false }));
  const events = {
    created: { kind, rulesVersion: "1", rated: true, region: "eu", source: "queue" },
    started: { kind, rated: true, weight: 1, roster: seats.map((seat) => ({ ...seat, rating: 1500, games: 3 })) },
    ended: {
      ...{ kind, reason: "score", lastTick: 44, teamScores: [], counts: {}, shed: {} },
      standings: seats.map(({ role: _, ...seat }) => {
        return { ...seat, place: 1 + seat.seat, score: 1, kills: 1, deaths: 1, left: false };
      }),
    },
  };
  const tick = { created: 0, started: 1, ended: 45 }[kind];
  const matchId = uuidV7(NOON_MS, number);
  const common = { matchId, mode, topic: "logs_match", tick, at: NOON_MS + tick * 50 };
  return tickMessage({ ...common, events: [events[kind]] });
}

/** A log with all beginnings of the matches of a partition first, then all their ends. */
function feedOf(partitions: readonly (readonly (readonly string[])[])[], mode?: (number: number) => string): Feed {
  const feed = new Feed();
  let first = 0;
  for (const [partition, matches] of partitions.entries()) {
    for (const kind of ["created", "started", "ended"] as const)
      for (const [at, players] of matches.entries())
        feed.add(partition, message(kind, first + at, players, mode?.(first + at)));
    first += matches.length;
  }
  return feed;
}

function results(sql: Sql, store: MatchResults = matchResults, rejects = new MemoryRejects()): BatchHandler {
  const catalogue = new EventCatalogue([arena]);
  return resultsSink({ sql, catalogue, rejects, results: store, onCommitted: () => {}, warn: () => {} }).handler;
}

/** A database that notes the errors of its transactions. */
function noting(sql: Sql, errors: Error[]): Sql {
  return Object.assign(Object.create(sql) as Sql, {
    orm: sql.orm,
    transaction: (work: Parameters<Sql["transaction"]>[0]) =>
      sql.transaction(work).catch((error) => {
        errors.push(error);
        throw error;
      }),
  });
}

const range = (count: number) => [...Array(count).keys()];

for (const [name, start] of sqlServers) {
  describe(`the results sink on ${name}, large and failing batches`, function () {
    this.timeout(600_000);
    let server: SqlServer;
    let sql: Sql;
    before(async () => {
      server = await start("operational");
      sql = server.open();
      await migrate(sql);
    });
    beforeEach(async () => {
      await server.wipe();
      const ofPlayers = "players, player_identities, player_values, password_resets";
      for (const table of ["matches, participants", "ratings", ofPlayers, "unpublished_messages"])
        await server.asAdmin(`truncate ${table}`);
    });
    after(async () => {
      await sql.close();
      await server.stop();
    });

    const recorded = async () => Number((await sql.query("select count(*) as n from matches")).rows[0].n);
    const duels = range(40).map((match) => [`a${match}`, `b${match}`]);
    const storedOffset = async () =>
      (await sql.query<{ at: bigint }>("select next_offset as at from results.sink_offsets")).rows[0]?.at;

    // PGlite takes minutes for it.
    if (name === "PostgreSQL")
      it("records a batch of 1,500 ended matches of 16 different players each, in transactions that fit", async () => {
        const matches = range(1_500).map((match) => range(16).map((seat) => `p${match * 16 + seat}`));
        const feed = feedOf([matches]);
        const errors: Error[] = [];
        await feed.deliverAll(results(noting(sql, errors)), () => 3_000);
        assert.deepEqual(errors, []);
        assert.equal(await recorded(), 1_500);
        const { rows } = await sql.query("select count(*) as n, sum(games) as games from ratings");
        assert.deepEqual(rows, [{ n: 24_000n, games: 24_000n }]);
      });

    it("never deadlocks with a partition that shares its players, nor with a deletion, and counts every match", async () => {
      const random = randomFrom(7);
      const players = range(12).map((n) => `p${n}`);
      const partitions = range(2).map(() =>
        range(120).map(() => players.toSorted(() => random() - 0.5).slice(0, 2 + Math.floor(random() * 3))),
      );
      const feed = feedOf(partitions, (number) => ["duel", "ffa", "squad"][number % 3]);
      const errors: Error[] = [];
      const consume = (at: number) => feed.deliver(results(noting(sql, errors)), feed.partitions[at], () => 40);
      let isConsuming = true;
      const deleteAgain = async () => {
        for (let at = 0; isConsuming; at++) await sql.transaction((tx) => deletePlayer(tx, players[at % 12]));
      };
      const consumed = Promise.all([consume(0), consume(1)]).finally(() => {
        isConsuming = false;
      });
      await Promise.all([consumed, deleteAgain()]);
      assert.deepEqual(errors, []);
      const { rows } = await sql.query("select sum(games) as games from ratings");
      assert.equal(rows[0].games, BigInt(partitions.flat(2).length));
    });

    it("stores forty matches with as many statements as two", async () => {
      const statements = async (matches: readonly (readonly string[])[]) => {
        await server.wipe();
        await server.asAdmin("truncate matches, participants, ratings");
        let count = 0;
        const counting: Sql = Object.assign(Object.create(sql) as Sql, {
          orm: sql.orm,
          transaction: (work: Parameters<Sql["transaction"]>[0]) =>
            sql.transaction((tx) =>
              work(
                runnerOver((statement) => {
                  count++;
                  return tx.orm.run(statement);
                }),
              ),
            ),
        });
        const handler = results(counting);
        const feed = feedOf([matches]);
        const [one] = feed.partitions;
        await handler.onAssigned(one.topic, one.partition, feed.topicId);
        count = 0;
        await handler.apply(feed.batch(one, 0, one.messages.length));
        assert.equal(await recorded(), matches.length);
        return count;
      };
      assert.deepEqual([await statements(duels.slice(0, 2)), await statements(duels)], [8, 8]);
    });

    /** A store that fails for certain matches of a transaction. */
    function failing(fails: (matches: readonly string[]) => Error | null): MatchResults {
      return {
        lock: (tx, players) => matchResults.lock(tx, players),
        async apply(tx, matches) {
          const error = fails(matches.map(({ matchId }) => matchId));
          if (error !== null) throw error;
          return matchResults.apply(tx, matches);
        },
      };
    }
    const tooMuch = () => Object.assign(new Error("out of shared memory"), { code: "53200" });
    it("stores one event for each rating that changes, in one row for a batch, and none when the log is read again", async () => {
      const feed = feedOf([duels]);
      const events = async () =>
        (await sql.query<{ messages: CommittedMessage[] }>("select messages from unpublished_messages")).rows;
      await feed.deliverAll(results(sql), () => 200);
      const stored = await events();
      assert.equal(stored.length, 1);
      const messages = stored.flatMap((row) => row.messages);
      assert.deepEqual(
        messages.map(({ id, key }) => [key, id]),
        duels.flatMap((players, at) => players.map((player) => [player, ratingEventId(uuidV7(NOON_MS, at), player)])),
      );
      const { rows } = await sql.query<{ player: string; rating: number }>(
        "select player_id as player, rating from ratings",
      );
      assert.deepEqual(
        new Map(messages.map(({ key, value }) => [key, ratingMessage.parse(value).after])),
        new Map(rows.map(({ player, rating }) => [player, rating])),
      );
      await sql.query("delete from results.sink_offsets");
      await feed.deliverAll(results(sql), () => 7);
      assert.equal((await events()).length, 1);
    });

    it("stores a batch in smaller parts if it is too large for the database", async () => {
      const store = failing((matches) => (matches.length > 3 ? tooMuch() : null));
      await feedOf([duels]).deliverAll(results(sql, store), () => 200);
      assert.equal(await recorded(), 40);
    });

    it("stops exactly at a match that fails, names its offset, and continues there once it can be stored", async () => {
      const bad = uuidV7(NOON_MS, 23);
      let isBroken = true;
      const store = failing((matches) => (isBroken && matches.includes(bad) ? tooMuch() : null));
      const feed = feedOf([duels]);
      for (let attempt = 0; attempt < 2; attempt++) {
        const handler = results(sql, store);
        await assert.rejects(
          feed.deliverAll(handler, () => 200),
          /^Error: logs_match\[0\], offset 103: out of shared memory$/,
        );
        assert.equal(await recorded(), 23);
        assert.equal(await storedOffset(), 103n);
      }
      isBroken = false;
      await feed.deliverAll(results(sql, store), () => 200);
      assert.equal(await recorded(), 40);
      const { rows } = await sql.query("select max(games) as games, count(*) as n from ratings");
      assert.deepEqual(rows, [{ games: 1, n: 80n }]);
    });

    it("rejects every match that cannot be stored, and stores the others", async () => {
      const bad = [4, 5, 31].map((number) => uuidV7(NOON_MS, number));
      const store = failing((matches) =>
        matches.some((match) => bad.includes(match)) ? new UnstorableMessage("no such algorithm") : null,
      );
      const rejects = new MemoryRejects();
      await feedOf([duels]).deliverAll(results(sql, store, rejects), () => 200);
      assert.equal(await recorded(), 37);
      assert.deepEqual(
        rejects.all.map(({ reason, message, detail }) => [reason, message.offset, detail]),
        [84n, 85n, 111n].map((offset) => ["refused", offset, "no such algorithm"]),
      );
    });
  });
}
