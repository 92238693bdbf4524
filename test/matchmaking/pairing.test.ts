import assert from "node:assert/strict";
import fc from "fast-check";
import { pairingScore } from "../../src/arena/pairing.ts";
import { type PairingRules, pair, REMATCH_MS, type WaitingEntry } from "../../src/matchmaking/pairing/pairing.ts";
import { splitTeams } from "../../src/matchmaking/pairing/splitTeams.ts";
import { fillSquad } from "./squads.ts";

const NOW = 1_000_000;
const shapes: Record<string, Omit<PairingRules, "score" | "strategy">> = {
  duel: { teamSizes: [1, 1], roleMax: null },
  squad: { teamSizes: [4, 4], roleMax: null },
  ffa: { teamSizes: Array.from({ length: 16 }, () => 1), roleMax: null },
};
const elo = (mode: string): PairingRules => ({ ...shapes[mode], score: pairingScore, strategy: "elo" });

let entryCount = 0;
function entry(
  ratings: number | readonly number[],
  over: Partial<WaitingEntry> & { waitedMs?: number } = {},
): WaitingEntry {
  const id = `e${++entryCount}`;
  const { waitedMs = 0, ...rest } = over;
  const players = [ratings]
    .flat()
    .map((rating, at) => ({ playerId: `${id}-${at}`, rating: rating as number, role: null }));
  return { id, players, enteredAt: NOW - waitedMs, recent: [], ...rest };
}

const pairAll = (rules: PairingRules, entries: readonly WaitingEntry[], seed = 1) => {
  let state = seed;
  return pair(rules, entries, NOW, () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647);
};
const ratingsOf = (team: readonly WaitingEntry[]) => team.flatMap(({ players }) => players.map(({ rating }) => rating));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const waitOf = (one: WaitingEntry) => ({
  rating: Math.round(mean(ratingsOf([one]))),
  role: -1,
  waitMs: NOW - one.enteredAt,
});

/** The matching with the most pairs, and among those with the lowest cost. For up to 16 entries. */
function bestMatching(entries: readonly WaitingEntry[]): { pairs: number; cost: number } {
  const known = new Map<number, { pairs: number; cost: number }>();
  const best = (free: number): { pairs: number; cost: number } => {
    if (free === 0) return { pairs: 0, cost: 0 };
    const before = known.get(free);
    if (before !== undefined) return before;
    const first = 31 - Math.clz32(free);
    const rest = free & ~(1 << first);
    let found = best(rest);
    for (let other = 0; other < first; other++) {
      if ((rest & (1 << other)) === 0) continue;
      const score = pairingScore(waitOf(entries[first]), waitOf(entries[other]));
      if (score === null) continue;
      const { pairs, cost } = best(rest & ~(1 << other));
      const better = pairs + 1 > found.pairs || (pairs + 1 === found.pairs && cost + score < found.cost);
      if (better) found = { pairs: pairs + 1, cost: cost + score };
    }
    known.set(free, found);
    return found;
  };
  return best((1 << entries.length) - 1);
}

/** Returns groups of entries that suit each other, including all maximal ones. Exponential: use it for few entries only. */
function suitingGroups(entries: readonly WaitingEntry[]): WaitingEntry[][] {
  const suit = (a: WaitingEntry, b: WaitingEntry) => {
    const again = Math.max(waitOf(a).waitMs, waitOf(b).waitMs) >= REMATCH_MS;
    const met = a.recent.includes(b.players[0].playerId) || b.recent.includes(a.players[0].playerId);
    return (again || !met) && pairingScore(waitOf(a), waitOf(b)) !== null;
  };
  const grow = (group: WaitingEntry[], rest: readonly WaitingEntry[]): WaitingEntry[][] =>
    rest.length === 0
      ? [group]
      : rest.flatMap((one, at) =>
          grow(
            [...group, one],
            rest.slice(at + 1).filter((other) => suit(one, other)),
          ),
        );
  return grow([], entries);
}

const rating = fc.integer({ min: 1000, max: 2000 });
const waited = fc.integer({ min: 0, max: 60_000 });
const solo = fc.tuple(rating, waited).map(([points, waitedMs]) => entry(points, { waitedMs }));
const group = (max: number) =>
  fc
    .tuple(fc.array(rating, { minLength: 1, maxLength: max }), waited)
    .map(([all, waitedMs]) => entry(all, { waitedMs }));

describe("pairing", () => {
  it("fills every match, never splits an entry and uses each entry at most once (property)", () => {
    const modes = fc.constantFrom(["duel", 1], ["squad", 4], ["ffa", 1]) as fc.Arbitrary<[string, number]>;
    const strategy = fc.constantFrom("elo" as const, "random" as const);
    const one = modes.chain(([mode, max]) =>
      fc.tuple(fc.constant(mode), strategy, fc.array(group(max), { maxLength: 60 })),
    );
    fc.assert(
      fc.property(one, ([mode, how, entries]) => {
        const { teamSizes } = shapes[mode];
        const found = pairAll({ ...elo(mode), strategy: how }, entries);
        const seated = found.flat(2);
        assert.equal(new Set(seated).size, seated.length);
        for (const teams of found) {
          assert.deepEqual(
            teams.map((team) => ratingsOf(team).length),
            teamSizes,
          );
          if (how === "random") continue;
          const all = teams.flat();
          for (const a of all)
            for (const b of all) if (a !== b) assert.notEqual(pairingScore(waitOf(a), waitOf(b)), null);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("never leaves two players waiting who suit each other (property)", () => {
    fc.assert(
      fc.property(fc.array(solo, { maxLength: 50 }), (entries) => {
        const seated = new Set(pairAll(elo("duel"), entries).flat(2));
        const left = entries.filter((one) => !seated.has(one));
        for (const [at, a] of left.entries())
          for (const b of left.slice(at + 1)) assert.equal(pairingScore(waitOf(a), waitOf(b)), null);
      }),
      { numRuns: 200 },
    );
  });

  it("never leaves entries waiting that could fill a squad match, if all have waited so long that everyone suits (property)", () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), rating), { maxLength: 24 });
    fc.assert(
      fc.property(sizes, (all) => {
        const entries = all.map(([size, points]) =>
          entry(
            Array.from({ length: size }, () => points),
            { waitedMs: 60_000 },
          ),
        );
        const seated = new Set(pairAll(elo("squad"), entries).flat(2));
        const left = entries.filter((one) => !seated.has(one)).map(({ players }) => players.length);
        assert(!fillSquad(left), `left are ${left}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("never leaves entries waiting that suit each other and could fill a squad match (property)", () => {
    const one = fc.record({
      size: fc.integer({ min: 1, max: 4 }),
      points: rating,
      waitedMs: fc.integer({ min: 0, max: 40_000 }),
      met: fc.array(fc.nat(13), { maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 14 }), (all) => {
        const fresh = all.map(({ size, points, waitedMs }) =>
          entry(
            Array.from({ length: size }, () => points),
            { waitedMs },
          ),
        );
        const entries = fresh.map((each, at) => ({
          ...each,
          recent: all[at].met.filter((other) => other < all.length).map((other) => fresh[other].players[0].playerId),
        }));
        const seated = new Set(pairAll(elo("squad"), entries).flat(2));
        const left = entries.filter((each) => !seated.has(each));
        const groups = suitingGroups(left).map((group) => group.map(({ players }) => players.length));
        assert(!groups.some(fillSquad), `left are ${left.map(({ players }) => players.length)}`);
      }),
      { numRuns: 500 },
    );
  });

  it("matches two parties of four even if a party of two is rated between them", () => {
    const of = (size: number, points: number) =>
      entry(
        Array.from({ length: size }, () => points),
        { waitedMs: 60_000 },
      );
    const [low, between, high] = [of(4, 1400), of(2, 1500), of(4, 1600)];
    const found = pairAll(elo("squad"), [low, between, high]);
    assert.equal(found.length, 1);
    assert.deepEqual(new Set(found.flat(2)), new Set([low, high]));
  });

  it("fills a match of sixteen with players who all suit each other, although a nearer player does not suit", () => {
    const far = Array.from({ length: 15 }, () => entry(1400, { waitedMs: 5000 }));
    const [old, near] = [entry(1000, { waitedMs: 30_000 }), entry(1050)];
    const found = pairAll(elo("ffa"), [old, near, ...far]);
    assert.equal(found.length, 1);
    assert.deepEqual(new Set(found.flat(2)), new Set([old, ...far]));
  });

  it("splits entries into two teams of fifty whenever a split exists", () => {
    // If all weak parties of four are in one team, 14 seats remain there, which parties of three cannot fill.
    const fours = Array.from({ length: 10 }, (_, at) => ({ size: 4, rating: at === 0 ? 3000 : 100, roles: [] }));
    const threes = Array.from({ length: 20 }, () => ({ size: 3, rating: 100, roles: [] }));
    const teams = splitTeams([...fours, ...threes], { teamSizes: [50, 50], roleMax: null });
    assert.deepEqual(
      teams?.map((team) => team.reduce((sum, { size }) => sum + size, 0)),
      [50, 50],
    );
  });

  it("finds two single players for two of a thousand parties of three, with few comparisons", () => {
    const threes = fc
      .sample(rating, { numRuns: 1000, seed: 5 })
      .map((points) => entry([points, points, points], { waitedMs: 60_000 }));
    const alone = [1200, 1800].map((points) => entry(points, { waitedMs: 60_000 }));
    let compared = 0;
    const score: PairingRules["score"] = (a, b) => {
      compared++;
      return pairingScore(a, b);
    };
    const found = pairAll({ ...elo("squad"), score }, [...threes, ...alone]);
    assert.equal(found.length, 1);
    assert(alone.every((one) => found.flat(2).includes(one)));
    assert(compared < 10 * threes.length, `${compared} comparisons`);
  });

  it("makes at least 98 % of the duels of a minimum-weight matching, with a mean difference within 10 % of it", () => {
    const sum = { pairs: 0, cost: 0 };
    const best = { pairs: 0, cost: 0 };
    const random = fc.sample(fc.array(solo, { minLength: 4, maxLength: 13 }), { numRuns: 150, seed: 7 });
    for (const entries of random) {
      // No entry is overdue, because overdue entries are preferred at any cost.
      const fresh = entries.map((one) => ({ ...one, enteredAt: Math.max(one.enteredAt, NOW - 20_000) }));
      const found = pairAll(elo("duel"), fresh);
      sum.pairs += found.length;
      sum.cost += found.reduce((cost, [[a], [b]]) => cost + Math.abs(a.players[0].rating - b.players[0].rating), 0);
      const { pairs, cost } = bestMatching(fresh);
      best.pairs += pairs;
      best.cost += cost;
    }
    assert.ok(sum.pairs >= best.pairs * 0.98, `${sum.pairs} duels, ${best.pairs} were possible`);
    const ratio = sum.cost / sum.pairs / (best.cost / best.pairs);
    assert.ok(ratio <= 1.1, `mean difference is ${ratio} of the best`);
  });

  it("makes squads of more equal strength than cutting the list sorted by rating does, with a smaller spread of ratings", () => {
    let spread = 0;
    let gap = 0;
    let greedySpread = 0;
    let greedyGap = 0;
    const range = (all: readonly number[]) => Math.max(...all) - Math.min(...all);
    for (const ratings of fc.sample(fc.array(rating, { minLength: 40, maxLength: 47 }), { numRuns: 30, seed: 3 })) {
      const entries = ratings.map((points) => entry(points, { waitedMs: 25_000 }));
      const found = pairAll(elo("squad"), entries);
      spread += mean(found.map((teams) => range(ratingsOf(teams.flat()))));
      gap += mean(found.map(([a, b]) => Math.abs(mean(ratingsOf(a)) - mean(ratingsOf(b)))));
      const sorted = ratings.toSorted((a, b) => a - b);
      const cut = Array.from({ length: Math.floor(sorted.length / 8) }, (_, at) => sorted.slice(at * 8, at * 8 + 8));
      greedySpread += mean(cut.map(range));
      greedyGap += mean(
        cut.map((eight) =>
          Math.abs(mean(eight.filter((_, at) => at % 2 === 0)) - mean(eight.filter((_, at) => at % 2 === 1))),
        ),
      );
      assert.equal(found.length, cut.length);
    }
    assert.ok(spread < greedySpread, `spread ${spread}, sorted greedy ${greedySpread}`);
    assert.ok(gap < greedyGap, `difference of means ${gap}, sorted greedy ${greedyGap}`);
  });

  it("splits as evenly as the best of all splits (property)", () => {
    fc.assert(
      fc.property(fc.array(rating, { minLength: 8, maxLength: 8 }), (ratings) => {
        const members = ratings.map((points) => ({ size: 1, rating: points, roles: [null] }));
        const [a, b] = splitTeams(members, shapes.squad)!;
        const gap = Math.abs(mean(a.map((one) => one.rating)) - mean(b.map((one) => one.rating)));
        for (let mask = 0; mask < 256; mask++) {
          const left = ratings.filter((_, at) => (mask & (1 << at)) === 0);
          const right = ratings.filter((_, at) => (mask & (1 << at)) !== 0);
          if (left.length === 4) assert.ok(gap <= Math.abs(mean(left) - mean(right)) + 1e-9);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("prefers players who have waited long", () => {
    const old = entry(1690, { waitedMs: 40_000 });
    const found = pairAll(elo("duel"), [entry(1500), entry(1510), old]);
    assert.equal(found.length, 1);
    assert.ok(found.flat(2).includes(old));
  });

  it("allows larger rating differences after a wait", () => {
    assert.equal(pairAll(elo("duel"), [entry(1500), entry(1700)]).length, 0);
    assert.equal(pairAll(elo("duel"), [entry(1500, { waitedMs: 5000 }), entry(1700, { waitedMs: 5000 })]).length, 1);
  });

  it("avoids recent opponents, but only for a limited time", () => {
    const a = entry(1500);
    const again = (waitedMs: number) => [a, entry(1500, { recent: [a.players[0].playerId], waitedMs })];
    const other = entry(1590);
    const found = pairAll(elo("duel"), [...again(0), other]);
    assert.equal(found.length, 1);
    assert.ok(found.flat(2).includes(other));
    assert.equal(pairAll(elo("duel"), again(0)).length, 0);
    assert.equal(pairAll(elo("duel"), again(REMATCH_MS)).length, 1);
  });

  it("keeps the mode's limits of roles in a team", () => {
    const medic = (points: number) => {
      const one = entry(points);
      return { ...one, players: one.players.map((player) => ({ ...player, role: 3 })) };
    };
    const rules = { ...elo("squad"), roleMax: [4, 4, 4, 1] };
    const entries = [
      ...[1500, 1501, 1502].map(medic),
      ...[1503, 1504, 1505, 1506, 1507, 1508].map((points) => entry(points)),
    ];
    const [teams] = pairAll(rules, entries);
    assert.deepEqual(
      teams.map((team) => team.filter(({ players }) => players[0].role === 3).length),
      [1, 1],
    );
    assert.equal(
      pairAll(
        rules,
        Array.from({ length: 8 }, () => medic(1500)),
      ).length,
      0,
    );
  });

  it("pairs any ratings with the strategy `random`, and gives the same result for the same random numbers", () => {
    const rules: PairingRules = { ...elo("duel"), strategy: "random" };
    const entries = [100, 900, 1700, 2500].map((points) => entry(points));
    assert.equal(pairAll(rules, entries).length, 2);
    assert.deepEqual(pairAll(rules, entries, 5), pairAll(rules, entries, 5));
  });
});
