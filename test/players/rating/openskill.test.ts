import assert from "node:assert/strict";
import fc from "fast-check";
import { rate, rating } from "openskill";
import { algorithmNamed, algorithmsOf } from "../../../src/players/rating/algorithms.ts";
import { elo, expectedScore as eloExpectedScore } from "../../../src/players/rating/elo.ts";
import { expectedScore, openskill } from "../../../src/players/rating/openskill.ts";
import type { RatedPlayer } from "../../../src/players/rating/Rating.ts";

const NEW = openskill.deviation({ games: 0, logPrecision: 0 });

function ratedPlayer(player: string, over: Partial<RatedPlayer> = {}): RatedPlayer {
  return { player, team: 0, rating: 1500, games: 0, deviation: NEW, place: 1, left: false, ...over };
}

const duel = (a: Partial<RatedPlayer> = {}, b: Partial<RatedPlayer> = {}) =>
  openskill.changes([ratedPlayer("a", a), ratedPlayer("b", { team: 1, place: 2, ...b })], 1);

const matches = fc
  .record({ teams: fc.integer({ min: 1, max: 16 }), size: fc.integer({ min: 1, max: 4 }) })
  .chain(({ teams, size }) =>
    fc.tuple(
      fc.array(
        fc.record({
          rating: fc.integer({ min: -2000, max: 6000 }),
          deviation: fc.integer({ min: 1, max: 300 }),
          left: fc.boolean(),
        }),
        { minLength: teams * size, maxLength: teams * size },
      ),
      fc.array(fc.integer({ min: 1, max: 16 }), { minLength: teams, maxLength: teams }),
    ),
  )
  .map(([players, places]) =>
    players.map((one, i) =>
      ratedPlayer(`p${i}`, { ...one, team: i % places.length, place: places[i % places.length] }),
    ),
  );

describe("openskill", () => {
  it("expects the same results as Elo for settled players, in any mode", () => {
    const settled = (rating: number) => [{ rating, deviation: 0 }];
    assert.ok(Math.abs(expectedScore([settled(1900), settled(1500)], 0, 1) - 10 / 11) < 1e-12);
    for (const [a, b] of [
      [1500, 1500],
      [1234, 1876],
    ]) {
      const sixteen = [settled(a), settled(b), ...new Array(14).fill(settled(1700))];
      assert.ok(Math.abs(expectedScore(sixteen, 0, 1) - eloExpectedScore(a, b)) < 1e-12);
    }
  });

  it("is the library's own rating, on another scale", () => {
    const scale = NEW / rating().sigma;
    const [[won], [lost]] = rate([[rating()], [rating()]]);
    const [a, b] = duel();
    assert.ok(Math.abs(a.change - scale * (won.mu - 25)) < 1);
    assert.ok(Math.abs(b.change - scale * (lost.mu - 25)) < 1);
    const sure = { games: 1, logPrecision: a.precision };
    assert.ok(Math.abs(openskill.deviation(sure) - scale * won.sigma) < 1);
  });

  it("moves uncertain ratings further than certain ones, and makes both more certain", () => {
    const [a, b] = duel({ deviation: 200 }, { deviation: 60 });
    assert.ok(a.change > 0 && b.change < 0 && a.change > -b.change);
    assert.ok(a.precision > b.precision && a.precision > 0);
  });

  it("changes nothing after a draw of equals, and raises the weaker after a draw with the stronger", () => {
    const [a, b] = duel({}, { place: 1 });
    assert.deepEqual([a.change, b.change], [0, 0]);
    const [weak, strong] = duel({ rating: 1300 }, { rating: 1700, place: 1 });
    assert.ok(weak.change > 0 && strong.change < 0);
  });

  it("counts a leaver as losing although the team won, and the other players of the team still win", () => {
    const players = ["a", "b", "c", "d"].map((player, i) =>
      ratedPlayer(player, { team: i >> 1, place: 1 + (i >> 1), left: player === "b" }),
    );
    const [a, b, c, d] = openskill.changes(players, 1);
    assert.ok(a.change > 0 && b.change < 0);
    assert.deepEqual([c.change, d.change], [-a.change, -a.change]);
    const [winner, gone] = duel({ place: 2 }, { place: 1, left: true });
    assert.ok(winner.change > 0 && gone.change < 0);
  });

  it("returns whole numbers in the order of the players, and zeros at weight 0 (property)", () => {
    fc.assert(
      fc.property(matches, fc.double({ min: 0, max: 1, noNaN: true }), (players, weight) => {
        const changes = openskill.changes(players, weight);
        assert.deepEqual(
          changes.map(({ player }) => player),
          players.map(({ player }) => player),
        );
        for (const { change, precision } of changes) {
          assert.ok(Number.isSafeInteger(change) && Number.isSafeInteger(precision));
          assert.ok(!Object.is(change, -0) && !Object.is(precision, -0));
        }
        const weightless = openskill.changes(players, 0);
        assert.ok(weightless.every(({ change, precision }) => change === 0 && precision === 0));
      }),
    );
  });

  it("changes nothing if there is only one side", () => {
    const changes = openskill.changes([ratedPlayer("a"), ratedPlayer("b")], 1);
    assert.deepEqual(
      changes.map(({ change, precision }) => [change, precision]),
      [
        [0, 0],
        [0, 0],
      ],
    );
  });

  it("lowers the deviation with the number of games, but never to zero", () => {
    let known = 0;
    let rating = 1500;
    for (let games = 0; games < 500; games++) {
      const deviation = openskill.deviation({ games, logPrecision: known });
      const place = games % 2 === 0 ? 1 : 3;
      const [change] = duel({ rating, deviation, place }, { deviation: 60 });
      known += change.precision;
      rating += change.change;
    }
    const settled = openskill.deviation({ games: 500, logPrecision: known });
    assert.ok(settled > 20 && settled < 120, `${settled} points`);
  });
});

describe("the algorithm of a mode", () => {
  const choice = { byMode: { squad: "openskill" }, others: "elo" } as const;

  it("is the algorithm chosen for the mode, or else the algorithm for all modes", () => {
    const algorithmOf = algorithmsOf(choice, ["duel", "squad"]);
    assert.deepEqual(
      [algorithmOf({ game: "arena", mode: "squad" }), algorithmOf({ game: "arena", mode: "duel" })],
      [openskill, elo],
    );
  });

  it("can differ between the games that have the mode", () => {
    const choice = { byMode: { "tag.duel": "openskill", duel: "elo" }, others: "openskill" } as const;
    const algorithmOf = algorithmsOf(choice, ["duel", "arena.duel", "tag.duel"]);
    assert.equal(algorithmOf({ game: "tag", mode: "duel" }), openskill);
    assert.equal(algorithmOf({ game: "arena", mode: "duel" }), elo);
  });

  it("is refused for an unknown mode", () => {
    assert.throws(
      () => algorithmsOf(choice, ["duel", "ffa"]),
      /RATING_ALGORITHM: unknown mode "squad": expected one of duel, ffa/,
    );
  });

  it("is found by the name that a match recorded, and is Elo if it recorded none", () => {
    assert.deepEqual(
      [algorithmNamed("openskill"), algorithmNamed("elo"), algorithmNamed(undefined)],
      [openskill, elo, elo],
    );
    assert.deepEqual([algorithmNamed("dice"), algorithmNamed("toString")], [null, null]);
  });
});
