import assert from "node:assert/strict";
import fc from "fast-check";
import { elo, expectedScore, kFactor, roundKeepingSum } from "../../../src/players/rating/elo.ts";
import type { RatedPlayer } from "../../../src/players/rating/Rating.ts";

function ratedPlayer(player: string, over: Partial<RatedPlayer> = {}): RatedPlayer {
  return { player, team: 0, rating: 1500, games: 100, deviation: 100, place: 1, left: false, ...over };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const changesOf = (players: readonly RatedPlayer[], weight = 1) =>
  elo.changes(players, weight).map(({ change }) => change);

const equalTeams = fc
  .record({ teams: fc.integer({ min: 2, max: 16 }), size: fc.integer({ min: 1, max: 4 }), games: fc.nat(200) })
  .chain(({ teams, size, games }) =>
    fc
      .array(fc.record({ rating: fc.integer({ min: 0, max: 3500 }), left: fc.boolean() }), {
        minLength: teams * size,
        maxLength: teams * size,
      })
      .chain((players) =>
        fc
          .array(fc.integer({ min: 1, max: 4 }), { minLength: teams, maxLength: teams })
          .map((places) =>
            players.map(({ rating, left }, i) =>
              ratedPlayer(`p${i}`, { rating, left, games, team: i % teams, place: places[i % teams] }),
            ),
          ),
      ),
  );

describe("elo", () => {
  it("expects ten to one for 400 points, and even odds among equals", () => {
    assert.equal(expectedScore(1500, 1500), 0.5);
    assert.ok(Math.abs(expectedScore(1900, 1500) - 10 / 11) < 1e-12);
  });

  it("moves provisional players twice as far as settled ones", () => {
    assert.equal(kFactor(0), 40);
    assert.equal(kFactor(29), 40);
    assert.equal(kFactor(30), 20);
  });

  it("gives the winner of an even duel half of K, and takes it from the loser", () => {
    assert.deepEqual(changesOf([ratedPlayer("a"), ratedPlayer("b", { team: 1, place: 2 })]), [10, -10]);
  });

  it("changes nothing after a draw of equals, and rewards the weaker of unequals", () => {
    assert.deepEqual(changesOf([ratedPlayer("a"), ratedPlayer("b", { team: 1 })]), [0, 0]);
    const [weak, strong] = changesOf([ratedPlayer("a", { rating: 1300 }), ratedPlayer("b", { team: 1, rating: 1700 })]);
    assert.ok(weak > 0 && strong === -weak);
  });

  it("rates a team by its mean", () => {
    const team = (number: number, place: number, ratings: number[]) =>
      ratings.map((rating, i) => ratedPlayer(`${number}${i}`, { team: number, place, rating }));
    assert.deepEqual(
      changesOf([...team(0, 1, [1400, 1600, 1300, 1700]), ...team(1, 2, [1500, 1500, 1500, 1500])]),
      [10, 10, 10, 10, -10, -10, -10, -10],
    );
  });

  it("compares everyone with everyone in a free-for-all", () => {
    const seats = [0, 1, 2, 3].map((i) => ratedPlayer(`p${i}`, { team: i, place: i + 1 }));

    assert.ok(changesOf(seats).every((change, i, all) => i === 0 || change < all[i - 1]));
    assert.equal(sum(changesOf(seats)), 0);
  });

  it("counts a leaver as losing to all who stayed, whatever the result of the team", () => {
    const left = changesOf([
      ratedPlayer("quitter", { left: true }),
      ratedPlayer("friend"),
      ratedPlayer("x", { team: 1, place: 2 }),
      ratedPlayer("y", { team: 1, place: 2 }),
    ]);
    assert.ok(left[0] < 0 && left[1] > 0);
    assert.equal(sum(left), 0);
  });

  it("sums to zero if K is equal (property)", () => {
    fc.assert(
      fc.property(equalTeams, fc.double({ min: 0, max: 1, noNaN: true }), (players, weight) => {
        assert.equal(sum(changesOf(players, weight)), 0);
      }),
    );
  });

  it("never moves a rating by more than K, except a point of rounding (property)", () => {
    fc.assert(
      fc.property(equalTeams, (players) => {
        for (const [i, change] of changesOf(players).entries()) {
          assert.ok(Math.abs(change) <= kFactor(players[i].games) + 1);
        }
      }),
    );
  });

  it("changes nothing without an opponent", () => {
    assert.deepEqual(changesOf([ratedPlayer("a"), ratedPlayer("b")]), [0, 0]);
    assert.deepEqual(changesOf([]), []);
  });

  it("rounds without changing the sum (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -100, max: 100, noNaN: true })), (values) => {
        const rounded = roundKeepingSum(values);
        assert.equal(sum(rounded), Math.round(sum(values)) + 0);
        assert.ok(rounded.every((whole, i) => Math.abs(whole - values[i]) <= 1));
      }),
    );
  });
});
