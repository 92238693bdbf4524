/** When a rebuild of the rankings fails, is lost or is stopped. */
import assert from "node:assert/strict";
import type { RankingSource } from "../../../src/players/database/rankingSource.ts";
import { MemoryIndex } from "../../../src/players/rankings/MemoryIndex.ts";
import { BuildLost, type RankingBuild } from "../../../src/players/rankings/RankingIndex.ts";
import { Rankings, RankingsUnavailable } from "../../../src/players/rankings/Rankings.ts";
import { change } from "./contract.ts";

const board = { seasonId: 1, game: "arena", mode: "duel" };
const NO_POLL_MS = 2 ** 30;

/** A database with one player on one board. */
function sourceOf(parts: Partial<RankingSource> = {}): RankingSource {
  return {
    generation: async () => "g",
    currentWatermark: async () => 10n,
    changesSince: async (watermark: bigint) => ({ watermark, rows: [], complete: true }),
    async *all() {
      yield [change("a", 1500)];
    },
    ...parts,
  } as RankingSource;
}

/** An index that loses every build until it is repaired, as a store that is too small would. */
class LosingIndex extends MemoryIndex {
  isLosing = true;
  builds = 0;

  override async build(generation: string): Promise<RankingBuild | null> {
    this.builds++;
    const build = (await super.build(generation))!;
    if (!this.isLosing) return build;
    return { ...build, finish: () => Promise.reject(new BuildLost()) };
  }
}

describe("a rebuild of the rankings", () => {
  it("that is lost is repeated after growing pauses, is reported meanwhile, and succeeds once it can", async () => {
    let nowMs = 0;
    const index = new LosingIndex();
    const rankings = new Rankings({ index, source: sourceOf(), pollMs: NO_POLL_MS, monotonicMs: () => nowMs });
    await rankings.start();
    assert.equal(index.builds, 1);
    const startedAt: number[] = [];
    for (let builds = index.builds; startedAt.length < 9; nowMs += 1000) {
      await rankings.refresh();
      assert.match(rankings.problem() ?? "", /cannot be updated: the entries that were added so far are gone/);
      if (index.builds > builds) startedAt.push(nowMs / 1000);
      builds = index.builds;
    }
    const pauses = startedAt.map((at, i) => at - (startedAt[i - 1] ?? 0));
    assert.deepEqual(pauses, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    index.isLosing = false;
    nowMs += 60_000;
    await rankings.refresh();
    assert.equal(rankings.problem(), null);
    assert.equal((await rankings.page(board, 0, 10)).total, 1);
    await rankings.stop();
  });

  it("ends when the process stops, releases the index, and is not started again", async () => {
    const index = new MemoryIndex();
    const reached = Promise.withResolvers<void>();
    const source = sourceOf({
      async *all() {
        for (;;) {
          yield [change("a", 1500)];
          reached.resolve();
        }
      },
    });
    const errors: unknown[] = [];
    const rankings = new Rankings({ index, source, pollMs: NO_POLL_MS, onError: (error) => errors.push(error) });
    const started = rankings.start();
    await reached.promise;
    const waiting = rankings.refresh();
    await rankings.stop();
    await Promise.all([started, waiting]);
    assert.deepEqual(errors, []);
    assert.notEqual(await index.build("g"), null);
  });

  it("replaces an index that is ahead of a database restored from a backup", async () => {
    const index = new MemoryIndex();
    const ahead = (await index.build("g"))!;
    await ahead.add([change("a", 1900), change("b", 1800)]);
    await ahead.finish(99n);
    const rankings = new Rankings({ index, source: sourceOf(), pollMs: NO_POLL_MS });
    await rankings.start();
    const { rows } = await rankings.page(board, 0, 10);
    assert.deepEqual(
      rows.map(({ playerId, rating }) => [playerId, rating]),
      [["a", 1500]],
    );
    await rankings.stop();
  });

  it("does not begin while another process rebuilds, and reads the result of that process", async () => {
    const index = new MemoryIndex();
    const other = (await index.build("g"))!;
    const rankings = new Rankings({ index, source: sourceOf(), pollMs: NO_POLL_MS });
    await rankings.start();
    assert.equal(rankings.problem(), "the ranking is being rebuilt");
    await assert.rejects(rankings.page(board, 0, 10), RankingsUnavailable);
    await other.finish(10n);
    await rankings.refresh();
    assert.equal(rankings.problem(), null);
    await rankings.stop();
  });
});
