import assert from "node:assert/strict";
import { currentRating, type RatingRow } from "../../../src/players/database/ratings.ts";
import { readMatchWeight } from "../../../src/players/database/readMatchWeight.ts";
import { recordMatch } from "../../../src/players/database/recordMatch.ts";
import type { Season } from "../../../src/players/database/seasons.ts";
import { elo, weightAfter } from "../../../src/players/rating/elo.ts";
import { useStore } from "../../api/useApi.ts";
import { finishedMatch } from "./finishedMatch.ts";

const DAY = Date.UTC(2026, 5, 1);

describe("the weight of a match", () => {
  const store = useStore();
  const weigh = (players: string[], at = DAY + 1000, mode = "duel") =>
    readMatchWeight(
      store(),
      players.map((player, team) => ({ player, team })),
      mode,
      at,
      weightAfter,
    );
  const meet = (players: string[], at: number, rated = true) =>
    store().transaction((tx) =>
      recordMatch(
        tx,
        elo,
        finishedMatch(
          players.map((player) => ({ player })),
          { at, rated },
        ),
      ),
    );

  it("halves with each rated meeting on the same UTC day and in the same mode", async () => {
    assert.equal(await weigh(["a", "b"]), 1);
    await meet(["a", "b"], DAY);
    await meet(["a", "b"], DAY + 86_399_999);
    await meet(["a", "b"], DAY - 1);
    await meet(["a", "b"], DAY + 86_400_000);
    await meet(["a", "b"], DAY, false);
    assert.equal(await weigh(["b", "a"]), 0.25);
    assert.equal(await weigh(["a", "b"], DAY, "ffa"), 1);
    assert.equal(await weigh(["a", "c"]), 1);
  });

  it("is the mean over all pairs of opponents", async () => {
    assert.equal(await weigh(["a", "b", "c"]), (0.25 + 1 + 1) / 3);
  });
});

describe("the current rating", () => {
  const season = (id: number, softReset: number): Season => {
    return { id, name: "", startsAt: new Date(0), endsAt: null, softReset };
  };
  const row = (seasonId: number, rating: number): RatingRow => {
    return { seasonId, mode: "duel", rating, games: 10, wins: 6, losses: 4, logPrecision: 1000 };
  };

  it("is the initial rating before the first match, the season's rating after it, and closer to the initial rating in the next season", () => {
    assert.equal(currentRating([], "duel", season(1, 0)).rating, 1500);
    assert.equal(currentRating([row(1, 1600)], "duel", season(1, 0.5)).rating, 1600);
    assert.equal(currentRating([row(1, 1601)], "duel", season(2, 0.5)).rating, 1551);
    assert.equal(currentRating([row(1, 1399)], "duel", season(2, 0.5)).rating, 1450);
    assert.equal(currentRating([row(1, 1600)], "ffa", season(1, 0)).rating, 1500);
  });

  it("counts the games of earlier seasons", () => {
    assert.equal(currentRating([row(1, 1600), row(2, 1500)], "duel", season(2, 0.5)).games, 20);
  });

  it("keeps the more precision, the less a season resets", () => {
    assert.equal(currentRating([], "duel", season(1, 0)).logPrecision, 0);
    assert.equal(currentRating([row(1, 1600)], "duel", season(1, 0.3)).logPrecision, 1000);
    assert.equal(currentRating([row(1, 1600)], "duel", season(2, 0.3)).logPrecision, 700);
  });
});
