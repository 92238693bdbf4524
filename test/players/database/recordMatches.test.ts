/** The operational store records each match exactly once, and any order of matches gives the same ratings. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { EndedMatch } from "../../../src/pipeline/sinks/results/EndedMatch.ts";
import { UnstorableMessage } from "../../../src/pipeline/sinks/storeInParts.ts";
import { runnerOver } from "../../../src/platform/sql/PgSql.ts";
import type { Sql, SqlRunner } from "../../../src/platform/sql/Sql.ts";
import { lockPlayers } from "../../../src/players/database/lockPlayers.ts";
import { recordMatches } from "../../../src/players/database/recordMatches.ts";
import { elo } from "../../../src/players/rating/elo.ts";
import { openskill } from "../../../src/players/rating/openskill.ts";
import { useStore } from "../../api/useApi.ts";
import { finishedMatch } from "./finishedMatch.ts";

const NEXT_SEASON = Date.UTC(2031, 0, 1);

async function clear(sql: Sql): Promise<void> {
  for (const table of ["participants", "matches", "ratings"]) await sql.query(`delete from ${table}`);
  await sql.query("delete from seasons where id > 1");
}

async function ratings(sql: Sql): Promise<Record<string, unknown>[]> {
  const { rows } = await sql.query(
    `select season_id, game, mode, player_id, base, gained, rating, log_precision_base, log_precision, games, wins, losses from ratings
     order by season_id, game, mode, player_id collate "C"`,
  );
  return rows;
}

/** Records all in one transaction. */
const record = (sql: Sql, ...matches: EndedMatch[]) =>
  sql.transaction(async (tx) => {
    const players = matches.flatMap(({ ended }) => ended.standings.map(({ player }) => player));
    await lockPlayers(tx, { players });
    return recordMatches(tx, matches);
  });

describe("recording a match", () => {
  const store = useStore();
  beforeEach(() => clear(store()));

  it("changes nothing the second time", async () => {
    const match = finishedMatch([{ player: "a" }, { player: "b" }]);
    assert.equal((await record(store(), match)).length, 1);
    const once = await ratings(store());
    assert.deepEqual(await record(store(), match), []);
    assert.deepEqual(await ratings(store()), once);
  });

  it("rates the matches of each game in a ladder of its own, also if their modes have the same name", async () => {
    await record(store(), finishedMatch([{ player: "a" }, { player: "b" }], { at: 1000 }));
    const ofArena = await ratings(store());
    await record(store(), finishedMatch([{ player: "b" }, { player: "a" }], { at: 2000, game: "tag" }));
    const all = await ratings(store());
    assert.deepEqual(all.slice(0, 2), ofArena);
    assert.deepEqual(
      all.map(({ game, player_id, rating, games, wins }) => [game, player_id, rating, games, wins]),
      [
        ["arena", "a", 1520, 1, 1],
        ["arena", "b", 1480, 1, 0],
        ["tag", "a", 1480, 1, 0],
        ["tag", "b", 1520, 1, 1],
      ],
    );
    const later = finishedMatch([{ player: "a" }, { player: "b" }], { at: NEXT_SEASON, game: "tag" });
    await store().query("insert into seasons values (2, 'Season 2', $1, null, 0)", [new Date(NEXT_SEASON)]);
    const [changed] = await record(store(), later);
    assert.deepEqual(
      changed.ratings.map(({ player, rating, change }) => [player, rating - change]),
      [
        ["a", 1480],
        ["b", 1520],
      ],
    );
  });

  it("counts a draw for both, a loss for a leaver whatever the score, and a win for the player who stayed", async () => {
    await record(
      store(),
      finishedMatch([
        { player: "a", place: 1 },
        { player: "b", place: 1 },
      ]),
    );
    await record(
      store(),
      finishedMatch([
        { player: "c", place: 1, left: true },
        { player: "d", place: 2 },
      ]),
    );
    const { rows } = await store().query("select player_id as p, wins, losses from ratings order by 1");
    assert.deepEqual(rows, [
      { p: "a", wins: 0, losses: 0 },
      { p: "b", wins: 0, losses: 0 },
      { p: "c", wins: 0, losses: 1 },
      { p: "d", wins: 1, losses: 0 },
    ]);
  });

  it("keeps the map, and a reason of the game's own, which changes ratings like any other", async () => {
    const players = [{ player: "a" }, { player: "b" }];
    await record(store(), finishedMatch(players, { at: 1000, map: "yard", reason: "captured" }));
    await record(store(), finishedMatch(players, { at: 2000 }));
    const { rows } = await store().query("select map, reason, rated from matches order by id");
    assert.deepEqual(rows, [
      { map: "yard", reason: "captured", rated: true },
      { map: null, reason: "score", rated: true },
    ]);
  });

  it("changes no rating if the match is not rated, was aborted, has a bot, or a rating is unknown", async () => {
    const players = [{ player: "a" }, { player: "b" }];
    await record(store(), finishedMatch(players, { rated: false }));
    await record(store(), finishedMatch(players, { reason: "aborted" }));
    await record(store(), finishedMatch([...players, { player: "bot:x", bot: true }]));
    await record(store(), finishedMatch([{ player: "a" }, { player: "b", rating: null }]));
    assert.deepEqual(await ratings(store()), []);
    const { rows } = await store().query("select count(*)::int as n from matches where not rated");
    assert.deepEqual(rows, [{ n: 4 }]);
  });

  it("counts a match that was too short for nobody except a leaver, who loses as always", async () => {
    const players = [{ player: "a" }, { player: "b", left: true }];
    await record(store(), finishedMatch([{ player: "a" }, { player: "b" }], { ratedFromTick: 1201 }));
    assert.deepEqual(await ratings(store()), []);
    await record(store(), finishedMatch(players, { ratedFromTick: 1201 }));
    const changed = async () =>
      (await store().query("select player_id as p, rating, games, losses from ratings order by 1")).rows;
    assert.deepEqual(await changed(), [{ p: "b", rating: 1480, games: 1, losses: 1 }]);
    const { rows } = await store().query(
      "select rated, count(rating_change)::int as changes from matches join participants on id = match_id group by id order by id",
    );
    assert.deepEqual(rows, [
      { rated: false, changes: 0 },
      { rated: true, changes: 1 },
    ]);
    await record(store(), finishedMatch(players, { ratedFromTick: 1200 }));
    assert.deepEqual(await changed(), [
      { p: "a", rating: 1520, games: 1, losses: 0 },
      { p: "b", rating: 1460, games: 2, losses: 2 },
    ]);
  });

  it("counts the match for the season of its creation, and starts the next season nearer to the middle", async () => {
    await store().query("insert into seasons values (2, 'Season 2', $1, null, 0.5)", [new Date(NEXT_SEASON)]);
    const players = [{ player: "a" }, { player: "b" }];
    await record(store(), finishedMatch(players, { at: NEXT_SEASON + 1000 }));
    await record(store(), finishedMatch(players, { at: NEXT_SEASON - 1000 }));
    const { rows } = await store().query(
      "select season_id as s, base, rating from ratings where player_id = 'a' order by 1",
    );
    assert.deepEqual(rows, [
      { s: 1, base: 1500, rating: 1520 },
      { s: 2, base: 1510, rating: 1530 },
    ]);
  });

  it("uses the algorithm that the match was started with, and stores its name", async () => {
    const players = [{ player: "a" }, { player: "b" }];
    await record(store(), finishedMatch(players));
    await record(store(), finishedMatch(players, { algorithm: "openskill" }));
    await record(store(), finishedMatch(players, { algorithm: "openskill", rated: false }));
    const { rows } = await store().query("select algorithm from matches order by id");
    assert.deepEqual(
      rows.map(({ algorithm }) => algorithm),
      ["elo", "openskill", null],
    );
    const [{ gained, log_precision: known }] = (await ratings(store())) as { gained: number; log_precision: number }[];
    const changes = [elo, openskill].map(
      (algorithm) =>
        algorithm.changes(
          ["a", "b"].map((player, team) => ({
            ...{ player, team, rating: 1500, games: 0, place: team + 1, left: false },
            deviation: algorithm.deviation({ games: 0, logPrecision: 0 }),
          })),
          1,
        )[0],
    );
    assert.equal(gained, changes[0].change + changes[1].change);
    assert.equal(known, changes[1].precision);
  });

  it("is refused if its algorithm is unknown", async () => {
    const match = finishedMatch([{ player: "a" }, { player: "b" }], { algorithm: "dice" });
    await assert.rejects(
      store().transaction((tx) => recordMatches(tx, [match])),
      UnstorableMessage,
    );
  });

  it("gives each player of several matches in one transaction all changes, and says how the rating was after each", async () => {
    await store().query("insert into seasons values (2, 'Season 2', $1, null, 0.5)", [new Date(NEXT_SEASON)]);
    const [first, second, later, other] = [
      finishedMatch([{ player: "a" }, { player: "b" }]),
      finishedMatch([{ player: "c" }, { player: "a" }]),
      finishedMatch([{ player: "a" }, { player: "b" }], { at: NEXT_SEASON + 1000 }),
      finishedMatch([{ player: "a" }, { player: "b" }], { mode: "ffa" }),
    ];
    const changed = await record(store(), later, first, second, other, first);
    const told = changed.map(({ matchId, mode, ratings }) => [matchId, mode, ratings.map((one) => Object.values(one))]);
    const duel = (a: string, after: number, b: string, then: number) => [
      [a, after, 20],
      [b, then, -20],
    ];
    assert.deepEqual(told, [
      [later.matchId, "duel", duel("a", 1520, "b", 1470)],
      [first.matchId, "duel", duel("a", 1520, "b", 1480)],
      [second.matchId, "duel", duel("c", 1520, "a", 1500)],
      [other.matchId, "ffa", duel("a", 1520, "b", 1480)],
    ]);
    const { rows } = await store().query(
      "select season_id as s, mode, base, rating, games, wins, losses from ratings where player_id = 'a' order by 1, 2",
    );
    assert.deepEqual(rows, [
      { s: 1, mode: "duel", base: 1500, rating: 1500, games: 2, wins: 1, losses: 1 },
      { s: 1, mode: "ffa", base: 1500, rating: 1520, games: 1, wins: 1, losses: 0 },
      { s: 2, mode: "duel", base: 1500, rating: 1520, games: 1, wins: 1, losses: 0 },
    ]);
  });

  it("gives the same ratings for any order, any repeats and two consumers (property)", async function () {
    this.timeout(240_000);
    const sql = store();
    const player = fc.integer({ min: 0, max: 5 }).map((n) => `p${n}`);
    const match = fc
      .record({
        players: fc.uniqueArray(player, { minLength: 2, maxLength: 4 }),
        places: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 }),
        left: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
        rating: fc.integer({ min: 1000, max: 2000 }),
        deviation: fc.integer({ min: 1, max: 246 }),
        algorithm: fc.constantFrom("elo", "openskill"),
        late: fc.boolean(),
        weight: fc.constantFrom(1, 0.5, 0.25),
      })
      .map(({ players, places, left, rating, deviation, late, ...how }) =>
        finishedMatch(
          players.map((player, i) => ({ player, place: places[i], left: left[i], rating: rating + 10 * i, deviation })),
          { at: NEXT_SEASON + (late ? 1 : -1) * 3_600_000, mode: "ffa", ...how },
        ),
      );
    const season = async () => {
      await clear(sql);
      await sql.query("insert into seasons values (2, 'Season 2', $1, null, 0.3)", [new Date(NEXT_SEASON)]);
    };
    await fc.assert(
      fc.asyncProperty(fc.array(match, { minLength: 1, maxLength: 12 }), fc.integer(), async (matches, seed) => {
        const together = 1 + (Math.abs(seed) % 5);
        await season();
        for (const one of matches) await record(sql, one);
        const expected = await ratings(sql);
        await season();
        const shuffled = (salt: number) =>
          [...matches, ...matches.slice(0, 3)]
            .map((one, i) => ({ one, key: Math.imul(seed ^ (i * 7919 + salt), 2654435761) }))
            .sort((a, b) => a.key - b.key)
            .map(({ one }) => one);
        const consume = async (all: EndedMatch[]) => {
          for (let from = 0; from < all.length; from += together)
            await record(sql, ...all.slice(from, from + together));
        };
        await Promise.all([consume(shuffled(1)), consume(shuffled(2))]);
        assert.deepEqual(await ratings(sql), expected);
      }),
      { numRuns: 25 },
    );
  });

  it("takes effect exactly once, even after failures between any two statements", async () => {
    const sql = store();
    const match = finishedMatch([{ player: "a" }, { player: "b" }]);
    let failAfter = 0;
    let result: unknown = null;
    while (result === null) {
      let left = failAfter++;
      const failing = (tx: SqlRunner): SqlRunner =>
        runnerOver((statement) => (left-- > 0 ? tx.orm.run(statement) : Promise.reject(new Error("injected"))));
      const attempt = sql.transaction(async (tx) => {
        const recorded = await recordMatches(failing(tx), [match]);
        if (left-- <= 0) throw new Error("injected");
        return recorded;
      });
      result = await attempt.catch((error: Error) => {
        assert.equal(error.message, "injected");
        return null;
      });
      if (result === null) assert.deepEqual(await ratings(sql), []);
    }
    assert.ok(failAfter > 4);
    assert.deepEqual(await record(sql, match), []);
    const { rows } = await sql.query("select player_id as p, rating, games from ratings order by 1");
    assert.deepEqual(rows, [
      { p: "a", rating: 1520, games: 1 },
      { p: "b", rating: 1480, games: 1 },
    ]);
  });
});
