/** Contract tests of a ranking index, which is also compared with a plain sorted array. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { RankingChange, RankingIndex } from "../../../src/players/rankings/RankingIndex.ts";

const board = { seasonId: 1, game: "arena", mode: "duel" };

export function change(playerId: string, rating: number, over: Partial<RankingChange> = {}): RankingChange {
  return {
    ...board,
    playerId,
    rating,
    games: 3,
    wins: 2,
    losses: 1,
    provisional: true,
    revision: 1,
    listed: true,
    ...over,
  };
}

let latest = 100n;

/** Builds the index. The default watermark is later than any before. */
async function rebuild(index: RankingIndex, changes: readonly RankingChange[], watermark = ++latest) {
  const build = (await index.build("g"))!;
  await build.add(changes);
  assert.equal(await build.finish(watermark), true);
  return (await index.version())!;
}

async function ids(index: RankingIndex): Promise<string[]> {
  const reading = await index.page("g", board, 0, 1000);
  return reading!.value.rows.map(({ playerId }) => playerId);
}

/** @param empty returns an index that has never been used. */
export function describeRankingIndex(empty: () => Promise<RankingIndex>): void {
  let index: RankingIndex;
  beforeEach(async () => {
    index = await empty();
  });
  afterEach(() => index.close());

  it("returns nothing before it has been built", async () => {
    assert.equal(await index.version(), null);
    assert.equal(await index.page("g", board, 0, 10), null);
    assert.equal(await index.around("g", board, "a", 1), null);
  });

  it("returns nothing to a reader of another generation", async () => {
    await rebuild(index, [change("a", 1500)]);
    assert.equal(await index.page("other", board, 0, 10), null);
  });

  it("orders by rating, then by the bytes of the id, both descending", async () => {
    await rebuild(index, [
      change("a", 1500),
      change("é", 1500),
      change("Z", 1500),
      change("b", 1600),
      change("𝒳", 1500),
    ]);
    assert.deepEqual(await ids(index), ["b", "𝒳", "é", "a", "Z"]);
  });

  it("returns pages with total, first rank and all numbers of a row", async () => {
    await rebuild(index, [change("a", 1500), change("b", 1600), change("c", 1400)], 12n);
    assert.deepEqual(await index.page("g", board, 1, 1), {
      watermark: 12n,
      value: {
        total: 3,
        firstRank: 2,
        rows: [{ playerId: "a", rating: 1500, games: 3, wins: 2, losses: 1, provisional: true }],
      },
    });
    assert.deepEqual((await index.page("g", board, 3, 10))!.value.rows, []);
    assert.deepEqual((await index.page("g", { seasonId: 2, game: "arena", mode: "duel" }, 0, 10))!.value.total, 0);
  });

  it("keeps the boards of two games with a mode of the same name apart", async () => {
    const version = await rebuild(index, [change("a", 1500), change("a", 1600, { game: "tag" })], 10n);
    await index.apply(version, [change("b", 1700, { game: "tag" })], 11n);
    const ofTag = (await index.page("g", { ...board, game: "tag" }, 0, 10))!.value;
    assert.deepEqual(
      ofTag.rows.map(({ playerId, rating }) => [playerId, rating]),
      [
        ["b", 1700],
        ["a", 1600],
      ],
    );
    assert.deepEqual(await ids(index), ["a"]);
  });

  it("returns the rows around a player, cut off at both ends", async () => {
    await rebuild(
      index,
      [10, 20, 30, 40, 50].map((rating) => change(`p${rating}`, rating)),
    );
    const around = async (id: string, radius: number) => {
      const { value } = (await index.around("g", board, id, radius))!;
      return value && [value.firstRank, ...value.rows.map(({ playerId }) => playerId)];
    };
    assert.deepEqual(await around("p30", 1), [2, "p40", "p30", "p20"]);
    assert.deepEqual(await around("p50", 2), [1, "p50", "p40", "p30"]);
    assert.deepEqual(await around("p10", 1), [4, "p20", "p10"]);
    assert.deepEqual(await around("p10", 0), [5, "p10"]);
    assert.equal(await around("nobody", 3), null);
  });

  it("applies changes in any order: the greatest revision wins", async () => {
    const version = await rebuild(index, [change("a", 1500), change("b", 1450)]);
    assert.equal(await index.apply(version, [change("a", 1400, { revision: 3 })], 11n), true);
    assert.equal(await index.apply(version, [change("a", 1600, { revision: 2 }), change("c", 1425)], 11n), true);
    assert.deepEqual(await ids(index), ["b", "c", "a"]);
  });

  it("removes a player from the board, and no older change brings them back", async () => {
    const version = await rebuild(index, [change("a", 1500), change("b", 1400)]);
    await index.apply(version, [change("a", 1500, { revision: 3, listed: false })], 11n);
    await index.apply(version, [change("a", 1600, { revision: 2 })], 11n);
    assert.deepEqual(await ids(index), ["b"]);
    assert.equal((await index.around("g", board, "a", 1))!.value, null);
    await index.apply(version, [change("a", 1700, { revision: 4 })], 12n);
    assert.deepEqual(await ids(index), ["a", "b"]);
  });

  it("never lowers its watermark, whatever the length of the number", async () => {
    const version = await rebuild(index, [], 9n);
    await index.apply(version, [], 10n);
    await index.apply(version, [], 9n);
    assert.equal((await index.version())!.watermark, 10n);
  });

  it("refuses changes for an index that has been rebuilt since", async () => {
    const version = await rebuild(index, [change("a", 1500)]);
    await rebuild(index, [change("a", 1500)]);
    assert.equal(await index.apply(version, [change("b", 1)], 20n), false);
  });

  it("serves the old index while the new one is built, then drops boards that no longer exist", async () => {
    await rebuild(index, [change("a", 1500), change("x", 1, { mode: "ffa" })], 10n);
    const build = (await index.build("g"))!;
    await build.add([change("b", 1500)]);
    assert.deepEqual(await ids(index), ["a"]);
    assert.equal(await build.finish(11n), true);
    assert.deepEqual(await ids(index), ["b"]);
    assert.equal((await index.page("g", { seasonId: 1, game: "arena", mode: "ffa" }, 0, 10))!.value.total, 0);
  });

  it("allows one build at a time, and the next build once the first one is abandoned", async () => {
    const first = (await index.build("g"))!;
    await first.add([change("a", 1)]);
    assert.equal(await index.build("g"), null);
    await first.abandon();
    await rebuild(index, [change("b", 1)]);
    assert.deepEqual(await ids(index), ["b"]);
  });

  it("does not replace an index with a build from older data", async () => {
    const version = await rebuild(index, [change("a", 1500)], 9n);
    const build = (await index.build("g"))!;
    await index.apply(version, [change("b", 1400)], 10n);
    assert.equal(await build.finish(9n), false);
    await build.add([change("a", 1500), change("b", 1400)]);
    assert.equal(await build.finish(10n), true);
    assert.deepEqual(await ids(index), ["a", "b"]);
  });

  it("equals a sorted array after any changes (property)", async () => {
    const one = fc.record({
      id: fc.integer({ min: 0, max: 30 }),
      rating: fc.integer({ min: 1490, max: 1500 }),
      listed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 120 }), async (steps) => {
        const version = await rebuild(index, []);
        const expected = new Map<string, RankingChange>();
        const changes = steps.map(({ id, rating, listed }, revision) => {
          const next = change(`p${id}`, rating, { listed, revision });
          expected.set(next.playerId, next);
          return next;
        });
        await index.apply(version, changes, ++latest);
        const order = [...expected.values()]
          .filter(({ listed }) => listed)
          .sort((a, b) => b.rating - a.rating || (a.playerId < b.playerId ? 1 : -1))
          .map(({ playerId }) => playerId);
        assert.deepEqual(await ids(index), order);
        for (const [at, id] of order.entries()) {
          assert.equal((await index.around("g", board, id, 0))!.value!.firstRank, at + 1);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("is replaced by any build after it was discarded, and is not discarded if it was rebuilt meanwhile", async () => {
    const before = await rebuild(index, [change("a", 1500)], 90n);
    const ahead = await rebuild(index, [change("a", 1600)], 99n);
    await index.discard(before);
    assert.equal((await index.version())?.build, ahead.build);
    await index.discard(ahead);
    assert.equal(await index.version(), null);
    assert.equal(await index.page("g", board, 0, 10), null);
    await rebuild(index, [change("b", 1400)], 5n);
    assert.deepEqual(await ids(index), ["b"]);
  });
}
