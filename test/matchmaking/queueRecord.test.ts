import assert from "node:assert/strict";
import { passesOf, waitedOf } from "./queueRecord.ts";

const event = (kind: string, player: string, at: number, matchId: string, waitMs = 0) => ({
  ...{ kind, player, at, matchId, waitMs, mode: "duel", party: null, rating: 1500 },
});

describe("the record of the queue", () => {
  it("does not count a player as waiting while they had a match to confirm that was then dissolved", () => {
    const events = [
      event("matched", "a", 1000, "first", 1000),
      event("matched", "b", 1000, "first", 1000),
      event("matched", "c", 5000, "second", 2000),
      event("matched", "d", 5000, "second", 2000),
      event("expired", "b", 11_000, "first"),
      event("matched", "a", 12_000, "third", 12_000),
      event("matched", "e", 12_000, "third", 3000),
    ];
    const waiting = passesOf(waitedOf(events, "duel")).map((pass) => pass.waiting.flatMap(({ players }) => players));
    assert.deepEqual(
      waiting.map((players) => players.sort()),
      [
        ["a", "b"],
        ["c", "d"],
        ["a", "e"],
      ],
    );
  });
});
