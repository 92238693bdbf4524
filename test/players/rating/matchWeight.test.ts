/** The weights under abuse and in honest play, in simulated seasons. Seeded, so that every run gives the same figures. */
import assert from "node:assert/strict";
import { expectedScore } from "../../../src/players/rating/elo.ts";
import { weightWithoutHistory } from "../../../src/players/rating/matchWeight.ts";
import { DAY_MS, RatedWorld } from "./RatedWorld.ts";

/** Source: mulberry32, T. Ettinger, public domain. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Population {
  readonly players: number;
  readonly days: number;
  readonly matchesPerDay: number;
  /** Each opponent is one of so many players with the nearest rating. */
  readonly nearest: number;
  readonly isNew?: boolean;
  readonly newPerDay?: number;
}

/** Players of different strength play each other at random. Calls `onMatch` with each weight. */
function playSeason(
  population: Population,
  onMatch: (weight: number, players: readonly string[], day: number, games: number) => void,
): { world: RatedWorld; strength: Map<string, number> } {
  const { players, days, matchesPerDay, nearest, isNew = false, newPerDay = 0 } = population;
  const random = seeded(20);
  const world = new RatedWorld();
  const strength = new Map<string, number>();
  const join = (id: string, settled: boolean) => {
    strength.set(id, Math.round(1500 + (random() + random() + random() - 1.5) * 500));
    if (settled) world.addSettled(id, strength.get(id));
    else world.add(id);
  };
  for (let i = 0; i < players; i++) join(`p${i}`, !isNew);
  for (let day = 0; day < days; day++) {
    for (let i = 0; i < newPerDay; i++) join(`new${day}-${i}`, false);
    const ids = [...world.people.keys()];
    const matches = Math.round((ids.length * matchesPerDay) / 2);
    for (let i = 0; i < matches; i++) {
      world.now += DAY_MS / matches;
      const a = ids[Math.floor(random() * ids.length)];
      const distance = new Map(ids.map((id) => [id, Math.abs(world.ratingOf(id) - world.ratingOf(a)) + random()]));
      const near = ids.filter((id) => id !== a).sort((x, y) => distance.get(x)! - distance.get(y)!);
      const b = near[Math.floor(random() * Math.min(nearest, near.length))];
      const games = Math.min(...[a, b].map((id) => world.people.get(id)!.games));
      const wins = random() < expectedScore(strength.get(a)!, strength.get(b)!);
      onMatch(world.play(wins ? [[a], [b]] : [[b], [a]]), [a, b], day, games);
    }
  }
  return { world, strength };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

describe("weights against abuse", () => {
  for (const count of [12, 100, 1000]) {
    for (const kind of ["anonymous", "account"] as const) {
      it(`let a new account that beats ${count} new ${kind} players gain at most 10 points`, () => {
        const world = new RatedWorld();
        world.add("farmer");
        for (let i = 0; i < count; i++) {
          world.now += 5000;
          world.add(`victim${i}`, kind);
          world.play([["farmer"], [`victim${i}`]]);
        }
        assert.ok(world.ratingOf("farmer") <= 1510, `${world.ratingOf("farmer")}`);
      });
    }
  }

  for (const perDay of [5, 30, 200]) {
    it(`let two accounts that boost each other in a ring of five gain at most 30 points in four weeks at ${perDay} matches a day`, () => {
      for (const settled of [false, true]) {
        const world = new RatedWorld();
        const ring = ["a", "b", "c", "d", "e"];
        for (const id of ring) settled ? world.addSettled(id) : world.add(id);
        for (let i = 0; i < 28 * perDay; i++) {
          world.now += DAY_MS / perDay;
          const winner = ring[i % 2];
          const others = ring.filter((id) => id !== winner);
          // The losers also play each other, so that none of them seems to know only one person.
          world.play(i % 5 === 4 ? [[ring[2 + (i % 3)]], [ring[2 + ((i + 1) % 3)]]] : [[winner], [others[i % 4]]]);
        }
        for (const id of ring.slice(0, 2)) assert.ok(world.ratingOf(id) <= 1530, `${id}: ${world.ratingOf(id)}`);
      }
    });
  }

  it("let a squad of four that beats the same four all week gain at most 20 points", () => {
    const world = new RatedWorld();
    const ids = ["a", "b", "c", "d", "w", "x", "y", "z"];
    for (const id of ids) world.addSettled(id);
    for (let i = 0; i < 140; i++) {
      world.now += DAY_MS / 20;
      world.play([ids.slice(0, 4), ids.slice(4)]);
    }
    assert.ok(world.ratingOf("a") <= 1520, `${world.ratingOf("a")}`);
  });

  it("let an honest player of 1,700 points who then beats 200 new guests gain at most 60 points", () => {
    const { world } = playSeason({ players: 100, days: 7, matchesPerDay: 8, nearest: 100 }, () => {});
    const honest = world.people.get("p0")!;
    honest.rating = 1700;
    for (let i = 0; i < 200; i++) {
      world.add(`guest${i}`, "anonymous");
      world.play([["p0"], [`guest${i}`]]);
    }
    assert.ok(honest.rating <= 1760, `${honest.rating}`);
  });
});

describe("weights in honest play", () => {
  it("leave players among 200 at least 0.9 of the full weight on average, and three quarters for each", () => {
    const weights = new Map<string, number[]>();
    const season = { players: 200, days: 8, matchesPerDay: 6, nearest: 60 };
    playSeason(season, (weight, players) => {
      for (const id of players) weights.set(id, [...(weights.get(id) ?? []), weight]);
    });
    const each = [...weights.values()].map(mean);
    assert.ok(mean(each) >= 0.9, `${mean(each)}`);
    assert.ok(Math.min(...each) >= 0.75, `${Math.min(...each)}`);
  });

  it("let the matches of new players among 200 others count nearly in full", () => {
    const firstTen: number[] = [];
    const season = { players: 200, days: 6, matchesPerDay: 6, nearest: 60, newPerDay: 4 };
    playSeason(season, (weight, players, day, games) => {
      if (day >= 2 && games < 10 && players.some((id) => id.startsWith("new"))) firstTen.push(weight);
    });
    assert.ok(firstTen.length > 50 && mean(firstTen) >= 0.75, `${mean(firstTen)} of ${firstTen.length}`);
  });

  it("reach nearly the full weight within four days where all 200 players start together", () => {
    const last: number[] = [];
    const season = { players: 200, days: 5, matchesPerDay: 8, nearest: 60, isNew: true };
    playSeason(season, (weight, _, day) => {
      if (day === 4) last.push(weight);
    });
    assert.ok(mean(last) >= 0.9, `${mean(last)}`);
  });
});

describe("the weight of a match", () => {
  it("is ¼ for the first match of two new players, in every mode", () => {
    for (const size of [1, 4]) {
      const world = new RatedWorld();
      const teams = ["a", "b"].map((team) => Array.from({ length: size }, (_, i) => `${team}${i}`));
      for (const id of teams.flat()) world.add(id, "anonymous");
      assert.equal(Math.round(world.weigh(teams) * 1000), 250);
    }
  });

  it("without a history depends on the games of the less established player of each pair", () => {
    const duel = (...games: (number | null)[]) =>
      weightWithoutHistory(games.map((played, team) => ({ player: `${team}`, team, games: played })));
    assert.equal(duel(30, 20), 1);
    assert.equal(duel(30, 5), 0.25);
    assert.equal(duel(0, 30), 0);
    assert.equal(duel(null, 30), 0);
    assert.equal(duel(30), 1);
    // What they would also get with their histories, which are empty.
    assert.equal(Math.round(duel(0, 0) * 1000), 250);
  });
});
