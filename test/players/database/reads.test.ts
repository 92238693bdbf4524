import assert from "node:assert/strict";
import fc from "fast-check";
import { currentRating, type RatingRow } from "../../../src/players/database/ratings.ts";
import { readMatchWeight } from "../../../src/players/database/readMatchWeight.ts";
import { recordMatches } from "../../../src/players/database/recordMatches.ts";
import type { Season } from "../../../src/players/database/seasons.ts";
import { useStore } from "../../api/useApi.ts";
import { DAY_MS, RatedWorld } from "../rating/RatedWorld.ts";
import { finishedMatch } from "./finishedMatch.ts";

const DUEL = { game: "arena", mode: "duel" };
const DAY = Date.UTC(2026, 5, 1);

describe("the weight of a match", () => {
  const store = useStore();
  const weigh = (players: string[], at = DAY + 1000, mode = "duel", game = "arena") =>
    readMatchWeight(
      store(),
      players.map((player, team) => ({ player, team, games: null })),
      { game, mode },
      at,
    );
  const meet = (players: string[], at: number, rated = true) => {
    const match = finishedMatch(
      players.map((player) => ({ player })),
      { at, rated },
    );
    return store().transaction((tx) => recordMatches(tx, [match]));
  };
  const addAccounts = (ids: readonly string[], createdAt = DAY - 30 * DAY_MS) =>
    store().query("insert into players (id, kind, created_at) select unnest($1::text[]), 'account', $2", [
      ids,
      new Date(createdAt),
    ]);

  it("halves with each rated meeting of a pair on the same UTC day, and with each but one of the last seven days, in one mode", async () => {
    const regulars = Array.from({ length: 18 }, (_, i) => `regular${i}`);
    await addAccounts(regulars);
    for (const [i, a] of regulars.entries())
      for (const [j, b] of regulars.slice(i + 1).entries()) await meet([a, b], DAY - DAY_MS + i * 1000 + j);
    assert.equal(await weigh(["regular0", "regular1"]), 1);
    await meet(["regular0", "regular1"], DAY);
    await meet(["regular0", "regular1"], DAY + DAY_MS - 1);
    await meet(["regular0", "regular1"], DAY, false);
    assert.equal(await weigh(["regular1", "regular0"]), 0.25);
    assert.equal(await weigh(["regular0", "regular2"]), 1);
    // On the next day, the first of the three meetings is free.
    assert.equal(await weigh(["regular0", "regular1"], DAY + DAY_MS + 1000), 0.25);
    // The newest 20 matches are seen even after a week.
    assert.equal(await weigh(["regular0", "regular1"], DAY + 9 * DAY_MS), 0.25);
    // The mean over three pairs.
    assert.equal(await weigh(["regular0", "regular1", "regular2"]), (0.25 + 1 + 1) / 3);
    // In another mode they are newcomers.
    assert.equal(Math.round((await weigh(["regular0", "regular1"], DAY, "squad")) * 1000), 250);
  });

  it("keeps a new account that beats a dozen new guests in a minute from climbing", async () => {
    await addAccounts(["farmer"], DAY);
    let games = 0;
    let rating = 1500;
    for (let i = 0; i < 12; i++) {
      const at = DAY + i * 5000;
      const weight = await weigh(["farmer", `guest${i}`], at);
      const match = finishedMatch([{ player: "farmer", rating, games: games++ }, { player: `guest${i}` }], {
        at,
        weight,
      });
      const recorded = await store().transaction((tx) => recordMatches(tx, [match]));
      rating = recorded[0].ratings.find(({ player }) => player === "farmer")!.rating;
    }
    assert.ok(rating > 1500 && rating <= 1510, `${rating}`);
  });

  it("is the same as in memory, in duels, teams and free-for-alls of accounts and guests, old and new (property)", async () => {
    const sql = store();
    const id = fc.integer({ min: 0, max: 11 });
    const lineup = fc.uniqueArray(id, { minLength: 2, maxLength: 8 }).map((players) => players.map((n) => `m${n}`));
    const match = fc.record({ players: lineup, teams: fc.boolean(), pauseMs: fc.integer({ min: 1, max: DAY_MS }) });
    await fc.assert(
      fc.asyncProperty(fc.array(match, { minLength: 1, maxLength: 45 }), async (matches) => {
        for (const table of ["participants", "matches", "ratings", "players"]) await sql.query(`delete from ${table}`);
        const world = new RatedWorld();
        for (let n = 0; n < 12; n++) {
          const createdAt = world.now - (n % 3) * DAY_MS;
          world.add(`m${n}`, n % 4 === 3 ? "anonymous" : "account", { createdAt });
          await sql.query("insert into players (id, kind, created_at) values ($1, $2, $3)", [
            ...[`m${n}`, n % 4 === 3 ? "anonymous" : "account"],
            new Date(createdAt),
          ]);
        }
        for (const { players, teams, pauseMs } of matches) {
          world.now += pauseMs;
          const half = Math.floor(players.length / 2);
          const sides = teams ? [players.slice(0, half), players.slice(half)] : players.map((player) => [player]);
          const members = sides.flatMap((side, team) => side.map((player) => ({ player, team, games: null })));
          const expected = world.weigh(sides);
          const read = await readMatchWeight(sql, members, DUEL, world.now);
          assert.ok(Math.abs(read - expected) < 1e-9, `${read} is not ${expected}`);
          world.play(sides);
          const seats = members.map(({ player, team }) => ({ player, team, place: team + 1 }));
          await sql.transaction((tx) => recordMatches(tx, [finishedMatch(seats, { at: world.now })]));
        }
      }),
      { numRuns: 6 },
    );
  });
});

describe("the current rating", () => {
  const season = (id: number, softReset: number): Season => {
    return { id, name: "", startsAt: new Date(0), endsAt: null, softReset };
  };
  const row = (seasonId: number, rating: number): RatingRow => {
    return { seasonId, ...DUEL, rating, games: 10, wins: 6, losses: 4, logPrecision: 1000 };
  };

  it("is the initial rating before the first match, the season's rating after it, and closer to the initial rating in the next season", () => {
    assert.equal(currentRating([], DUEL, season(1, 0)).rating, 1500);
    assert.equal(currentRating([row(1, 1600)], DUEL, season(1, 0.5)).rating, 1600);
    assert.equal(currentRating([row(1, 1601)], DUEL, season(2, 0.5)).rating, 1551);
    assert.equal(currentRating([row(1, 1399)], DUEL, season(2, 0.5)).rating, 1450);
    assert.equal(currentRating([row(1, 1600)], { ...DUEL, mode: "ffa" }, season(1, 0)).rating, 1500);
  });

  it("counts the games of earlier seasons", () => {
    assert.equal(currentRating([row(1, 1600), row(2, 1500)], DUEL, season(2, 0.5)).games, 20);
  });

  it("keeps the more precision, the less a season resets", () => {
    assert.equal(currentRating([], DUEL, season(1, 0)).logPrecision, 0);
    assert.equal(currentRating([row(1, 1600)], DUEL, season(1, 0.3)).logPrecision, 1000);
    assert.equal(currentRating([row(1, 1600)], DUEL, season(2, 0.3)).logPrecision, 700);
  });
});
